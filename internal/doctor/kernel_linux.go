package doctor

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// kernel tells the version and whether the kernel describes its types (BTF).
func kernel(context.Context, Options) []Check {
	version := Check{Name: "kernel", Status: OK, Found: "unknown version", Gives: "bpf source from 5.12, bound TCP sockets in sock_diag from 6.8"}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		version.Found = "Linux " + unix.ByteSliceToString(u.Release[:])
	}
	btf := Check{Name: "kernel types (BTF)", Status: OK, Found: "readable", Gives: "the bpf source"}
	const path = "/sys/kernel/btf/vmlinux"
	if head, err := headOf(path); err != nil {
		btf.Status, btf.Found = Missing, err.Error()
		btf.Fix = []string{"use a kernel with CONFIG_DEBUG_INFO_BTF=y", "in a container, mount /sys: docker run -v /sys/kernel/btf:/sys/kernel/btf:ro"}
	} else if head != "\x9f\xeb" { // struct btf_header, little-endian
		btf.Status, btf.Found = Missing, path+" is something else"
	}
	return []Check{version, btf}
}

// headOf returns the first two bytes of a file, or fewer.
func headOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var head [2]byte
	n, err := f.Read(head[:])
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return string(head[:n]), err
}

// tracing tells what kernel.yama.ptrace_scope forbids
// (Documentation/admin-guide/LSM/Yama.rst).
func tracing(context.Context, Options) []Check {
	c := Check{Name: yama, Status: OK, Gives: "which thread of one's own processes waits for a socket; --duplicate-descriptors"}
	switch scope := setting(procRoot + "/sys/kernel/yama/ptrace_scope"); scope {
	case "":
		c.Found = "not in this kernel"
	case "0":
		c.Found = "ptrace_scope is 0"
	default:
		c.Found = "ptrace_scope is " + scope
		if caps, err := capability.Effective(); scope == "3" || err != nil || !caps.Has(unix.CAP_SYS_PTRACE) {
			c.Status = Limited
			c.Fix = []string{"run with CAP_SYS_PTRACE", "for everybody: sudo sysctl kernel.yama.ptrace_scope=0"}
		}
		if scope == "3" {
			c.Fix = []string{"reboot: level 3 cannot be lowered; set kernel.yama.ptrace_scope in /etc/sysctl.d"}
		}
	}
	return []Check{c}
}

// lockdown tells a mode that users ask about (kernel_lockdown(7)):
// confidentiality forbids the helpers that copy kernel memory, which the bpf
// source needs before Linux 6.2 (.ci/kernels tries both modes).
func lockdown(context.Context, Options) []Check {
	c := Check{Name: "lockdown", Status: OK, Gives: "the bpf source, before Linux 6.2 and in mode confidentiality only"}
	_, mode, _ := strings.Cut(setting("/sys/kernel/security/lockdown"), "[")
	mode, _, _ = strings.Cut(mode, "]")
	c.Found = "mode " + mode + ", which does not affect the bpf source"
	switch mode {
	case "confidentiality":
		c.Found = "mode confidentiality, in which the bpf source works from Linux 6.2 on"
	case "":
		c.Found = "not in this kernel, or /sys/kernel/security is not mounted"
	}
	return []Check{c}
}

// unprivilegedBPF tells a setting that users ask about: it makes no
// difference, since iterators need CAP_BPF in any case.
func unprivilegedBPF(context.Context, Options) []Check {
	value := setting(procRoot + "/sys/kernel/unprivileged_bpf_disabled")
	if value == "" {
		value = "not known"
	}
	return []Check{{Name: "unprivileged_bpf_disabled", Status: OK, Found: value,
		Gives: "nothing: the bpf source needs CAP_BPF and CAP_PERFMON in any case"}}
}
