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
	"sigs.k8s.io/yaml"
)

// apiServer is as much of the Kubernetes API as the plugin uses: one pod.
type apiServer struct {
	mu        sync.Mutex
	pod       corev1.Pod
	forbids   bool                    // refuses ephemeral containers
	conflicts int                     // says so often that the pod has changed meanwhile
	deleted   bool                    // the pod goes as soon as it has one
	states    []corev1.ContainerState // through which they go, one for each time they are asked about; the last one stays
}

var (
	running = corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	found   = ends(3, "Error")
)

func ends(code int32, reason string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, Message: "what the runtime says"}}
}

func waits(reason string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "what the kubelet says"}}
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const pod = "/api/v1/namespaces/shop/pods/api-1"
	switch {
	case r.Method == http.MethodGet && r.URL.Path == pod && !(s.deleted && len(s.pod.Spec.EphemeralContainers) > 0):
		s.goOn()
		answer(w, http.StatusOK, &s.pod)
	case r.Method == http.MethodPut && r.URL.Path == pod+"/ephemeralcontainers" && s.forbids:
		refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, "pods is forbidden")
	case r.Method == http.MethodPut && r.URL.Path == pod+"/ephemeralcontainers" && s.conflicts > 0:
		s.conflicts--
		refuse(w, http.StatusConflict, metav1.StatusReasonConflict, "the object has been modified")
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
		answer(w, http.StatusOK, &s.pod)
	case r.Method == http.MethodGet && r.URL.Path == pod+"/log" && r.URL.Query().Get("container") == s.pod.Spec.EphemeralContainers[0].Name && r.URL.Query().Get("follow") == "true":
		_, _ = w.Write([]byte("leak[close-wait-eof-read]: api\n"))
	default:
		refuse(w, http.StatusNotFound, metav1.StatusReasonNotFound, r.Method+" "+r.URL.Path+" not found")
	}
}

// goOn takes the ephemeral container to its next state.
func (s *apiServer) goOn() {
	if len(s.pod.Spec.EphemeralContainers) == 0 || len(s.states) == 0 {
		return
	}
	s.pod.Status.EphemeralContainerStatuses = []corev1.ContainerStatus{{Name: s.pod.Spec.EphemeralContainers[0].Name, State: s.states[0]}}
	if len(s.states) > 1 {
		s.states = s.states[1:]
	}
}

func refuse(w http.ResponseWriter, code int32, reason metav1.StatusReason, message string) {
	answer(w, int(code), &metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status: metav1.StatusFailure, Reason: reason, Code: code, Message: message})
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
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "app:1"}, {Name: "proxy", Image: "proxy:1"}}},
		Status:     corev1.PodStatus{Phase: s.pod.Status.Phase},
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
	s := &apiServer{conflicts: 1, states: []corev1.ContainerState{{}, waits("ContainerCreating"), waits("ErrImagePull"), running, running, found}}
	code, out, errs, err := plugin(t, "--kubeconfig", start(t, s), "pod/api-1", "-c", "proxy", "--image", "r.example/sockleak:1", "--", "scan", "--all", "--for", "5s")
	if err != nil || code != 3 || out != "leak[close-wait-eof-read]: api\n" {
		t.Fatalf("code %d, %q, %v", code, out, err)
	}
	if !strings.Contains(errs, "container proxy of pod api-1") || !strings.Contains(errs, "ErrImagePull: what the kubelet says") || strings.Contains(errs, "ContainerCreating") {
		t.Errorf("it said %q", errs)
	}
	if n := len(s.pod.Spec.EphemeralContainers); n != 1 {
		t.Errorf("%d containers", n)
	}
	sameAsStored(t, s.pod, "testdata/root.yaml")
}

// TestUser: the user of the processes needs no capability.
func TestUser(t *testing.T) {
	s := &apiServer{states: []corev1.ContainerState{ends(0, "Completed")}}
	if code, _, _, err := plugin(t, "--kubeconfig", start(t, s), "api-1", "--user", "1000"); err != nil || code != 0 {
		t.Fatalf("code %d, %v", code, err)
	}
	sameAsStored(t, s.pod, "testdata/user.yaml")
}

// sameAsStored compares the pod that the plugin has asked for with a file,
// which deploy/kubernetes/validate has the API server's own code
// judge.
func sameAsStored(t *testing.T, pod corev1.Pod, file string) {
	t.Helper()
	pod.Status = corev1.PodStatus{}
	pod.Spec.EphemeralContainers[0].Name = "sockleak-x7k2p" // a random one
	got, err := yaml.Marshal(&pod)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != string(got) {
		t.Errorf("%s: %v; the plugin asks for\n%s", file, err, got)
	}
}

// TestDefaults: without more words it is the first container, and --all of it.
func TestDefaults(t *testing.T) {
	s := &apiServer{states: []corev1.ContainerState{ends(0, "Completed")}}
	if code, _, _, err := plugin(t, "--kubeconfig", start(t, s), "api-1"); err != nil || code != 0 {
		t.Fatalf("code %d, %v", code, err)
	}
	if c := s.pod.Spec.EphemeralContainers[0]; c.TargetContainerName != "app" || !slices.Equal(c.Args, []string{"scan", "--all", "--for", "20s"}) {
		t.Errorf("container %+v", c)
	}
}

func TestRefused(t *testing.T) {
	states := func(s ...corev1.ContainerState) *apiServer { return &apiServer{states: s} }
	for name, tc := range map[string]struct {
		server *apiServer
		args   []string
		says   string
	}{
		"no pod":            {&apiServer{}, nil, "name one pod"},
		"unknown pod":       {&apiServer{}, []string{"api-2"}, "not found"},
		"ended pod":         {&apiServer{pod: corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}}, []string{"api-1"}, "has ended (Succeeded)"},
		"pod goes":          {&apiServer{deleted: true}, []string{"api-1"}, "not found"},
		"unknown container": {&apiServer{}, []string{"api-1", "-c", "db"}, `it has ["app" "proxy"]`},
		"forbidden":         {&apiServer{forbids: true}, []string{"api-1"}, "it needs the verbs"},
		"slow image":        {states(waits("ErrImagePull")), []string{"api-1", "--wait", "1s"}, "did not start within 1s: ErrImagePull: what"},
		"no image":          {states(waits("ErrImagePull"), waits("ImagePullBackOff")), []string{"api-1"}, "ImagePullBackOff: what"},
		"no root":           {states(waits("CreateContainerConfigError")), []string{"api-1"}, "CreateContainerConfigError: what"},
		"no kubelet":        {&apiServer{}, []string{"api-1", "--wait", "1s"}, "the node has said nothing"},
		"out of memory":     {states(running, ends(137, "OOMKilled")), []string{"api-1"}, "OOMKilled: what the runtime says (exit code 137)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, out, _, err := plugin(t, append([]string{"--kubeconfig", start(t, tc.server)}, tc.args...)...)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%q, %v; want %q", out, err, tc.says)
			}
		})
	}
}
