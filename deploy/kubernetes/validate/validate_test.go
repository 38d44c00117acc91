// Package validate checks the Kubernetes manifests against the types of the
// API, offline. It is a module of its own, so that sockleak does not depend
// on Kubernetes.
package validate

import (
	"bytes"
	"os"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// documents returns the YAML documents of the manifest.
func documents(t *testing.T) [][]byte {
	t.Helper()
	raw, err := os.ReadFile("../daemonset.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(raw, []byte("\n---\n"))
}

// decode reads a document strictly: an unknown or doubled field is an error.
func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(raw, into); err != nil {
		t.Fatal(err)
	}
}

func TestManifest(t *testing.T) {
	docs := documents(t)
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	var ns corev1.Namespace
	decode(t, docs[0], &ns)
	var set appsv1.DaemonSet
	decode(t, docs[1], &set)
	if set.TypeMeta != (metav1.TypeMeta{APIVersion: "apps/v1", Kind: "DaemonSet"}) || set.Namespace != ns.Name {
		t.Errorf("%v in namespace %q, want %q", set.TypeMeta, set.Namespace, ns.Name)
	}
	selector, err := metav1.LabelSelectorAsMap(set.Spec.Selector)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range selector {
		if set.Spec.Template.Labels[k] != v {
			t.Errorf("the selector's %s=%s is not on the pods", k, v)
		}
	}
}

func TestLeastPrivileges(t *testing.T) {
	var set appsv1.DaemonSet
	decode(t, documents(t)[1], &set)
	pod := set.Spec.Template.Spec
	if pod.HostNetwork || pod.HostIPC || len(pod.Volumes) != 0 || pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("the pod shares more of the host than its processes")
	}
	c := pod.Containers[0].SecurityContext
	if *c.Privileged || *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem || c.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("security context %+v", c)
	}
	want := []corev1.Capability{"SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "PERFMON"}
	if !slices.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}) || !slices.Equal(c.Capabilities.Add, want) {
		t.Errorf("capabilities %+v", c.Capabilities)
	}
	port := pod.Containers[0].Ports[0]
	for _, p := range []*corev1.Probe{pod.Containers[0].ReadinessProbe, pod.Containers[0].LivenessProbe} {
		if p.HTTPGet == nil || p.HTTPGet.Port.StrVal != port.Name {
			t.Errorf("probe %+v", p)
		}
	}
}
