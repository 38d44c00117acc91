// Package validate has the API server's own code read, complete and judge the
// Kubernetes manifests and what the plugin of kubectl asks for, offline. It is
// a module of its own, so that sockleak does not depend on Kubernetes.
package validate

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// decode reads a document as the API server does with strict validation of
// fields: what it does not know is an error, and defaults are filled in.
func decode(t *testing.T, raw []byte) runtime.Object {
	t.Helper()
	codecs := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)
	object, _, err := codecs.UniversalDecoder().Decode(raw, nil, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return object
}

// valid has each document of a stream judged, and returns the DaemonSet in it.
func valid(t *testing.T, stream []byte) *apps.DaemonSet {
	t.Helper()
	var set *apps.DaemonSet
	var namespaces []string
	for _, raw := range bytes.Split(stream, []byte("\n---\n")) {
		var errs field.ErrorList
		switch o := decode(t, raw).(type) {
		case *core.Namespace:
			errs = validation.ValidateNamespace(o)
			namespaces = append(namespaces, o.Name)
		case *apps.DaemonSet:
			errs = appsvalidation.ValidateDaemonSet(o, validation.PodValidationOptions{})
			set = o
		default:
			t.Errorf("a document of an unexpected kind: %T", o)
		}
		if len(errs) > 0 {
			t.Error(errs.ToAggregate())
		}
	}
	if set == nil || !slices.Contains(namespaces, set.Namespace) {
		t.Fatalf("no DaemonSet in a namespace of its own in\n%s", stream)
	}
	return set
}

func TestManifest(t *testing.T) {
	raw, err := os.ReadFile("../daemonset.yaml")
	if err != nil {
		t.Fatal(err)
	}
	leastRights(t, valid(t, raw))
	// The judge must be able to say no.
	wrong := decode(t, bytes.Split(raw, []byte("\n---\n"))[1]).(*apps.DaemonSet)
	wrong.Spec.Template.Spec.Containers[0].Ports[0].ContainerPort = 70000
	if errs := appsvalidation.ValidateDaemonSet(wrong, validation.PodValidationOptions{}); len(errs) != 1 {
		t.Errorf("a port beyond all ports: %v", errs)
	}
}

// leastRights checks what each container may do.
func leastRights(t *testing.T, set *apps.DaemonSet) {
	t.Helper()
	pod := set.Spec.Template.Spec
	shared := pod.SecurityContext
	if !shared.HostPID || shared.HostNetwork || shared.HostIPC || len(pod.Volumes) != 0 || pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("the pod shares more of the host than its processes")
	}
	for _, c := range pod.Containers {
		s := c.SecurityContext
		if *s.Privileged || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: security context %+v", c.Name, s)
		}
		if !slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) || !slices.Equal(s.Capabilities.Add, []core.Capability{"SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "PERFMON"}) {
			t.Errorf("%s: capabilities %+v", c.Name, s.Capabilities)
		}
		if _, limited := c.Resources.Limits[core.ResourceMemory]; !limited {
			t.Errorf("%s: no limit of memory", c.Name)
		}
		for _, p := range []*core.Probe{c.ReadinessProbe, c.LivenessProbe} {
			if p != nil && p.HTTPGet.Port.StrVal != c.Ports[0].Name {
				t.Errorf("%s: probe %+v", c.Name, p)
			}
		}
	}
}
