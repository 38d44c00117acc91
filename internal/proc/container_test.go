//go:build linux

package proc

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/procfs"
)

const (
	idA = "3f4e8c1d2b7a9065f1e2d3c4b5a697887766554433221100ffeeddccbbaa9988"
	idB = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
)

func TestContainerID(t *testing.T) {
	for path, want := range map[string]string{
		"/": "", "": "",
		"/docker/" + idA:                                                         idA,
		"/system.slice/docker-" + idA + ".scope":                                 idA,
		"/docker/" + idA + "/docker/" + idB:                                      idB,
		"/docker/" + idA + "/init.scope":                                         idA,
		"/user.slice/user-1000.slice/user@1000.service/docker-" + idA + ".scope": idA,
		"/kubepods/burstable/pod6f0a7c52-5f0f-4a3e-9d0e-2f2b6a6c8a11/" + idA:     idA,
		"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6f0a7c52_5f0f.slice/cri-containerd-" + idA + ".scope": idA,
		"/kubepods.slice/kubepods-pod6f0a7c52.slice/crio-" + idA + ".scope":                                                   idA,
		"/kubepods.slice/kubepods-pod6f0a7c52.slice/crio-conmon-" + idA + ".scope":                                            "",
		"/kubepods.slice/kubepods-pod6f0a7c52.slice/crio-" + idA + ".scope/container":                                         idA,
		"/system.slice/containerd.service/kubepods-besteffort-podX.slice:cri-containerd:" + idA:                               idA,
		"/system.slice:docker:" + idA:                                                       idA,
		"/machine.slice/libpod-" + idA + ".scope":                                           idA,
		"/machine.slice/libpod-" + idA + ".scope/container":                                 idA,
		"/machine.slice/libpod-conmon-" + idA + ".scope":                                    "",
		"/libpod_parent/libpod-" + idA:                                                      idA,
		"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + idA + ".scope": idA,
		"/system.slice/nerdctl-" + idA + ".scope":                                           idA,
		"/default/" + idA:                                   idA,
		"/../../docker/" + idA:                              idA,
		"/ecs/0123456789abcdef/" + idA:                      idA,
		"/ecs/" + idB[:32] + "/" + idB[:32] + "-1234567890": idB[:32] + "-1234567890",
		"/system.slice/nginx.service":                       "",
		"/docker/" + idA[:63]:                               "",
		"/docker/" + strings.ToUpper(idA):                   "",
		"/process_api/98dd83b60f075ccc584e74f516ec134c":     "",
		"/user.slice/user-1000.slice/session-3.scope":       "",
	} {
		got, ok := ContainerID(path)
		if got != want || ok != (want != "") {
			t.Errorf("ContainerID(%q) = %q, %v; want %q", path, got, ok, want)
		}
	}
}

func TestPodUID(t *testing.T) {
	const uid = "6f0a7c52-5f0f-4a3e-9d0e-2f2b6a6c8a11"
	escaped := strings.ReplaceAll(uid, "-", "_")
	for path, want := range map[string]string{
		"/kubepods/burstable/pod" + uid + "/" + idA: uid,
		"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + escaped + ".slice/cri-containerd-" + idA + ".scope": uid,
		"/kubepods.slice/kubepods-pod" + escaped + ".slice/crio-" + idA + ".scope":                                              uid,
		"/system.slice/containerd.service/kubepods-besteffort-pod" + escaped + ".slice:cri-containerd:" + idA:                   uid,
		"/kubepods.slice/kubepods-besteffort.slice":                                                                             "",
		"/machine.slice/libpod-" + idA + ".scope":                                                                               "",
		"/user.slice/my-pod.slice": "",
		"":                         "",
	} {
		if got, ok := PodUID(path); got != want || ok != (want != "") {
			t.Errorf("PodUID(%q) = %q, %v; want %q", path, got, ok, want)
		}
	}
}

func TestInContainer(t *testing.T) {
	nested := "/docker/" + idA + "/docker/" + idB
	for _, tc := range []struct {
		path, id string
		want     bool
	}{
		{nested, idA, true},
		{nested, idB, true},
		{nested, idA[:MinContainerID], true},
		{nested, idA[:MinContainerID-1], false},
		{nested, idA[1:20], false},
		{nested, "", false},
		{"/system.slice/docker.service", idA, false},
	} {
		if got := InContainer(tc.path, tc.id); got != tc.want {
			t.Errorf("InContainer(%q, %q) = %v", tc.path, tc.id, got)
		}
	}
}

func TestUnit(t *testing.T) {
	for path, want := range map[string]string{
		"/":                                  "",
		"/system.slice/nginx.service":        "nginx.service",
		"/system.slice/nginx.service/worker": "nginx.service",
		"/system.slice/system-getty.slice/getty@tty1.service":                   "getty@tty1.service",
		`/system.slice/foo\x2dbar.service`:                                      `foo\x2dbar.service`,
		"/system.slice/_cgroup.service":                                         "cgroup.service",
		"/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.service": "app-x.service",
		"/user.slice/user-1000.slice/session-3.scope":                           "session-3.scope",
		"/docker/" + idA: "",
	} {
		got, ok := Unit(path)
		if got != want || ok != (want != "") {
			t.Errorf("Unit(%q) = %q, %v; want %q", path, got, ok, want)
		}
	}
}

func TestInUnit(t *testing.T) {
	const path = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.service/sub"
	for name, want := range map[string]bool{
		"app-x": true, "app-x.service": true, "user@1000": true, "user.slice": true,
		"app": false, "app-x.scope": false, "": false, "sub": false, ".": false,
	} {
		if got := InUnit(path, name); got != want {
			t.Errorf("InUnit(%q) = %v", name, got)
		}
	}
}

func TestMainCgroup(t *testing.T) {
	v2 := procfs.Cgroup{Path: "/a"}
	root := procfs.Cgroup{Path: "/"}
	systemd := procfs.Cgroup{HierarchyID: 9, Controllers: []string{"name=systemd"}, Path: "/b"}
	memory := procfs.Cgroup{HierarchyID: 4, Controllers: []string{"memory"}, Path: "/c"}
	for _, tc := range []struct {
		list []procfs.Cgroup
		want string
	}{
		{nil, ""},
		{[]procfs.Cgroup{root}, "/"},
		{[]procfs.Cgroup{memory, systemd, v2}, "/a"},
		{[]procfs.Cgroup{memory, systemd, root}, "/b"},
		{[]procfs.Cgroup{root, memory, root}, "/c"},
	} {
		if got := mainCgroup(tc.list); got != tc.want {
			t.Errorf("%v: %q; want %q", tc.list, got, tc.want)
		}
	}
}

func TestFindByCgroup(t *testing.T) {
	fs := live(t)
	own, err := fs.Cgroup(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	pids, err := fs.FindByCgroup(func(path string) bool { return path == own })
	if err != nil || !slices.Contains(pids, os.Getpid()) {
		t.Errorf("%v, %v; want our own pid among them", pids, err)
	}
	pids, err = fs.FindByCgroup(func(string) bool { return false })
	if err != nil || len(pids) != 0 {
		t.Errorf("%v, %v; want none", pids, err)
	}
}
