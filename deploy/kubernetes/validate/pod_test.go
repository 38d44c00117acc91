package validate

import (
	"os"
	"regexp"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

// TestPlugin has the pods judged that the plugin asks for (kubectl/testdata):
// what it adds to a pod is valid, and of the levels of pod security it needs
// no more than docs/kubernetes.md says.
func TestPlugin(t *testing.T) {
	for file, want := range map[string]api.Level{"root": api.LevelPrivileged, "user": api.LevelRestricted} {
		raw, err := os.ReadFile("../../../kubectl/testdata/" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		pod := decode(t, raw).(*core.Pod)
		pod.UID, pod.ResourceVersion = "1", "1" // as the server has given it
		before := pod.DeepCopy()
		before.Spec.EphemeralContainers = nil
		if errs := validation.ValidatePodEphemeralContainersUpdate(pod, before, validation.PodValidationOptions{}); len(errs) > 0 {
			t.Errorf("%s: %v", file, errs.ToAggregate())
		}
		if got := admitted(t, pod); got != want {
			t.Errorf("%s: admitted up to level %s, want %s", file, got, want)
		}
	}
}

// TestSidecar: the pod of docs/kubernetes.md is valid, and fit for the
// strictest namespaces.
func TestSidecar(t *testing.T) {
	text, err := os.ReadFile("../../../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(apiVersion: v1\nkind: Pod\n.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("docs/kubernetes.md has no pod with a sidecar")
	}
	pod := decode(t, block[1]).(*core.Pod)
	pod.Namespace = "shop"
	if errs := validation.ValidatePodCreate(pod, validation.PodValidationOptions{}); len(errs) > 0 {
		t.Error(errs.ToAggregate())
	}
	if got := admitted(t, pod); got != api.LevelRestricted {
		t.Errorf("admitted up to level %s, want %s", got, api.LevelRestricted)
	}
}

// admitted is the strictest level of pod security that admits the pod, whose
// own containers are made fit for all of them.
func admitted(t *testing.T, pod *core.Pod) api.Level {
	t.Helper()
	var asked corev1.Pod
	if err := legacyscheme.Scheme.Convert(pod, &asked, nil); err != nil {
		t.Fatal(err)
	}
	for i := range asked.Spec.Containers {
		if c := &asked.Spec.Containers[i]; c.SecurityContext == nil {
			c.SecurityContext = &corev1.SecurityContext{
				RunAsNonRoot: ptr.To(true), AllowPrivilegeEscalation: ptr.To(false),
				Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			}
		}
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []api.Level{api.LevelRestricted, api.LevelBaseline} {
		if policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &asked.ObjectMeta, &asked.Spec)).Allowed {
			return level
		}
	}
	return api.LevelPrivileged
}

// TestDebug: what kubectl debug --custom is given are fields of a container.
func TestDebug(t *testing.T) {
	raw, err := os.ReadFile("../debug.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c corev1.Container
	if err := yaml.UnmarshalStrict(raw, &c); err != nil {
		t.Fatal(err)
	}
	if s := c.SecurityContext; *s.RunAsUser != 0 || s.Privileged != nil || len(s.Capabilities.Add) != 4 {
		t.Errorf("security context %+v", s)
	}
}
