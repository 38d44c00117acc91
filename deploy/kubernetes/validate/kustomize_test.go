package validate

import (
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// build builds a kustomization with the library that is in kubectl.
func build(t *testing.T, dir string) []byte {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestKustomize builds a kustomization such as docs/kubernetes.md shows, with
// and without the container that traces.
func TestKustomize(t *testing.T) {
	for more, containers := range map[string]int{"": 1, "components: [base/trace]\n": 2} {
		dir := t.TempDir()
		if err := os.CopyFS(dir+"/base", os.DirFS("..")); err != nil {
			t.Fatal(err)
		}
		own := "resources: [base]\n" + more + "images: [{name: sockleak, newName: registry.example/sockleak, newTag: 0.2.0}]\n"
		if err := os.WriteFile(dir+"/kustomization.yaml", []byte(own), 0o644); err != nil {
			t.Fatal(err)
		}
		text := build(t, dir)
		set := valid(t, text)
		leastRights(t, set)
		if n := len(set.Spec.Template.Spec.Containers); n != containers {
			t.Errorf("%d containers, want %d", n, containers)
		}
		if n := strings.Count(string(text), "image: registry.example/sockleak:0.2.0"); n != containers {
			t.Errorf("the image was named in %d containers of %d", n, containers)
		}
	}
}
