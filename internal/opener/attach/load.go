//go:build linux && amd64

package attach

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// loaded is the program in the kernel. All of it ends with this process, also
// when that is killed.
type loaded struct {
	maps        birthsMaps
	programs    map[string]*ebpf.Program
	links       []link.Link
	trampolines bool // every descriptor is seen, however it was made
	data        bool // what is sent and received is seen
}

func (l *loaded) close() error {
	var errs []error
	for _, one := range l.links {
		errs = append(errs, one.Close())
	}
	for _, p := range l.programs {
		errs = append(errs, p.Close())
	}
	return errors.Join(append(errs, l.maps.Close())...)
}

// load loads the program, where the kernel allows it with trampolines. most is how
// many open sockets it keeps; 0 is its own bound.
func load(most uint32) (*loaded, error) {
	if err := possible(); err != nil {
		return nil, err
	}
	l, err := loadAs(true, most)
	if err != nil {
		l, err = loadAs(false, most)
	}
	if err != nil {
		return nil, explain(err)
	}
	return l, nil
}

// possible says why it cannot work before anything is tried.
func possible() error {
	if len(capability.MissingForBPF()) > 0 {
		return errors.New(capability.WhyNoBPF())
	}
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		return errors.New("this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF), or /sys is not mounted")
	}
	const initial = 0xeffffffc // PROC_PID_INIT_INO, include/linux/proc_ns.h
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/pid", &st); err == nil && st.Ino != initial {
		return errors.New("attaching works from the host's pid namespace only, not from within a container's")
	}
	return nil
}

// refusesReads reports whether the verifier's log says that the kernel's memory
// may not be read. Linux 6.12 has changed its words.
func refusesReads(log string) bool {
	return strings.Contains(log, "unknown func bpf_probe_read") || strings.Contains(log, "cannot use helper bpf_probe_read")
}

// explain says in a sentence why the kernel refused.
func explain(err error) error {
	var rejected *ebpf.VerifierError
	switch {
	case errors.As(err, &rejected) && refusesReads(fmt.Sprintf("%+v", rejected)):
		return errors.New("kernel lockdown (confidentiality) forbids programs that read kernel memory")
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) && !errors.As(err, &rejected) || errors.Is(err, unix.ENOSYS):
		return errors.New(capability.WhyNoBPF())
	case errors.Is(err, ebpf.ErrNotSupported) || errors.As(err, &rejected):
		return fmt.Errorf("needs Linux 5.17 or later: %w", err)
	}
	return err
}

// loadAs loads and attaches one of the two sets of programs.
func loadAs(trampolines bool, most uint32) (*loaded, error) {
	spec, err := loadBirths()
	if err != nil {
		return nil, err
	}
	if most > 0 {
		spec.Maps["births"].MaxEntries = most
	}
	out := []string{"fd_install", "sock_release"}
	if trampolines {
		out = []string{"sys_exit", "sys_enter"}
	}
	for _, name := range out {
		delete(spec.Programs, name)
	}
	l := &loaded{programs: map[string]*ebpf.Program{}, trampolines: trampolines}
	optional := []string{"sock_send_length", "sock_recv_length"} // since 6.3
	for {
		c, err := ebpf.NewCollection(spec)
		if err == nil {
			l.data = optional != nil
			return l, errors.Join(c.Assign(&l.maps), l.attach(c.Programs))
		}
		if len(optional) == 0 || !errors.Is(err, ebpf.ErrNotSupported) && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, name := range optional {
			delete(spec.Programs, name)
		}
		optional = nil
	}
}

func (l *loaded) attach(programs map[string]*ebpf.Program) error {
	for name, p := range programs {
		l.programs[name] = p
		one, err := link.AttachTracing(link.TracingOptions{Program: p})
		if err != nil {
			return errors.Join(err, l.close())
		}
		l.links = append(l.links, one)
	}
	return nil
}
