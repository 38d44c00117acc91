package validate

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// TestKustomize builds a kustomization such as docs/kubernetes.md shows, with
// the library that is in kubectl.
func TestKustomize(t *testing.T) {
	files := filesys.MakeFsOnDisk()
	dir, err := filesys.NewTmpConfirmedDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.RemoveAll(dir.String()) })
	for _, name := range []string{"kustomization.yaml", "daemonset.yaml"} {
		raw, err := files.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := files.MkdirAll(dir.Join("base")); err != nil {
			t.Fatal(err)
		}
		if err := files.WriteFile(dir.Join("base/"+name), raw); err != nil {
			t.Fatal(err)
		}
	}
	own := "resources: [base]\nimages: [{name: sockleak, newName: registry.example/sockleak, newTag: 0.2.0}]\n"
	if err := files.WriteFile(dir.Join("kustomization.yaml"), []byte(own)); err != nil {
		t.Fatal(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, dir.String())
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kind: Namespace", "kind: DaemonSet", "image: registry.example/sockleak:0.2.0"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
