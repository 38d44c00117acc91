package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
)

// apiServer is as much of the Kubernetes API as the plugin uses: one pod, whose
// ephemeral containers end as soon as they are asked for.
type apiServer struct {
	mu       sync.Mutex
	pod      corev1.Pod
	forbids  bool // refuses ephemeral containers
	neverRun bool // they do not start
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const pod = "/api/v1/namespaces/shop/pods/api-1"
	switch {
	case r.Method == http.MethodGet && r.URL.Path == pod:
		answer(w, http.StatusOK, &s.pod)
	case r.Method == http.MethodPut && r.URL.Path == pod+"/ephemeralcontainers" && s.forbids:
		answer(w, http.StatusForbidden, &metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status: metav1.StatusFailure, Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden, Message: "pods is forbidden"})
	case r.Method == http.MethodPut && r.URL.Path == pod+"/ephemeralcontainers":
		var asked corev1.Pod
		body, err := io.ReadAll(r.Body)
		if err == nil { // JSON or protobuf, as the client likes
			_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, &asked)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.pod.Spec.EphemeralContainers = asked.Spec.EphemeralContainers
		state := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 3}}
		if s.neverRun {
			state = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "not found"}}
		}
		s.pod.Status.EphemeralContainerStatuses = []corev1.ContainerStatus{{Name: asked.Spec.EphemeralContainers[0].Name, State: state}}
		answer(w, http.StatusOK, &s.pod)
	case r.Method == http.MethodGet && r.URL.Path == pod+"/log" && r.URL.Query().Get("container") == s.pod.Spec.EphemeralContainers[0].Name:
		_, _ = w.Write([]byte("leak[close-wait-eof-read]: api\n"))
	default:
		answer(w, http.StatusNotFound, &metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound, Message: r.Method + " " + r.URL.Path + " not found"})
	}
}

func answer(w http.ResponseWriter, code int, object any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(object)
}

// start starts the server, and writes the kubeconfig that leads to it.
func start(t *testing.T, s *apiServer) (kubeconfig string) {
	t.Helper()
	s.pod = corev1.Pod{
		TypeMeta:   metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Name: "api-1", Namespace: "shop"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}, {Name: "proxy"}}},
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	kubeconfig = filepath.Join(t.TempDir(), "config")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: test\n" +
		"clusters: [{name: test, cluster: {server: '" + server.URL + "'}}]\n" +
		"users: [{name: test, user: {}}]\n" +
		"contexts: [{name: test, context: {cluster: test, user: test, namespace: shop}}]\n"
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// plugin runs the plugin with the arguments.
func plugin(t *testing.T, args ...string) (code int, out, errs string, err error) {
	t.Helper()
	var stdout, stderr strings.Builder
	o, err := parse(args, &stderr)
	if err == nil {
		code, err = o.run(t.Context(), &stdout, &stderr)
	}
	return code, stdout.String(), stderr.String(), err
}

func TestLook(t *testing.T) {
	s := &apiServer{}
	code, out, errs, err := plugin(t, "--kubeconfig", start(t, s), "pod/api-1", "-c", "proxy", "--image", "r.example/sockleak:1", "--", "scan", "--all", "--for", "5s")
	if err != nil || code != 3 || out != "leak[close-wait-eof-read]: api\n" || !strings.Contains(errs, "container proxy of pod api-1") {
		t.Fatalf("code %d, %q, %q, %v", code, out, errs, err)
	}
	c := s.pod.Spec.EphemeralContainers[0]
	if c.TargetContainerName != "proxy" || c.Image != "r.example/sockleak:1" || !slices.Equal(c.Args, []string{"scan", "--all", "--for", "5s"}) {
		t.Errorf("container %+v", c)
	}
	security := c.SecurityContext
	want := []corev1.Capability{"SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "PERFMON"}
	if security.Privileged != nil || *security.AllowPrivilegeEscalation || !slices.Equal(security.Capabilities.Add, want) {
		t.Errorf("security context %+v", security)
	}
}

func TestRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		server *apiServer
		args   []string
		says   string
	}{
		"no pod":            {&apiServer{}, nil, "name one pod"},
		"unknown pod":       {&apiServer{}, []string{"api-2"}, "not found"},
		"unknown container": {&apiServer{}, []string{"api-1", "-c", "db"}, `it has ["app" "proxy"]`},
		"forbidden":         {&apiServer{forbids: true}, []string{"api-1"}, "it needs the verbs"},
		"no image":          {&apiServer{neverRun: true}, []string{"api-1", "--wait", "1s"}, "ErrImagePull: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			_, out, _, err := plugin(t, append([]string{"--kubeconfig", start(t, tc.server)}, tc.args...)...)
			if err == nil || out != "" || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%q, %v; want %q", out, err, tc.says)
			}
		})
	}
}
