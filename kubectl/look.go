package main

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/util/retry"
)

// look starts the container, copies what it writes, and waits for its end. It
// returns the exit code of sockleak.
func (o *options) look(ctx context.Context, pods v1.PodInterface, stdout, stderr io.Writer) (int, error) {
	name := "sockleak-" + rand.String(5)
	if err := o.add(ctx, pods, name); err != nil {
		return 0, err
	}
	fmt.Fprintf(stderr, "kubectl-sockleak: looking at container %s of pod %s from ephemeral container %s\n", o.container, o.pod, name)
	if _, err := o.reached(ctx, pods, name, o.wait, stderr, started); err != nil {
		return 0, err
	}
	logs, err := pods.GetLogs(o.pod, &corev1.PodLogOptions{Container: name, Follow: true}).Stream(ctx)
	if err != nil {
		return 0, err
	}
	defer logs.Close()
	if _, err := io.Copy(stdout, logs); err != nil {
		return 0, fmt.Errorf("read what the container writes: %w", err)
	}
	state, err := o.reached(ctx, pods, name, o.wait, stderr, ended)
	if err != nil {
		return 0, err
	}
	return exitCode(state.Terminated)
}

// add adds the container to the pod.
func (o *options) add(ctx context.Context, pods v1.PodInterface, name string) error {
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error { // a kubelet may write the status meanwhile
		pod, err := pods.Get(ctx, o.pod, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			return fmt.Errorf("pod %s has ended (%s): none of its processes runs", o.pod, pod.Status.Phase)
		}
		if o.container, err = containerOf(pod, o.container); err != nil {
			return err
		}
		pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, o.ephemeral(name))
		_, err = pods.UpdateEphemeralContainers(ctx, o.pod, pod, metav1.UpdateOptions{})
		return err
	})
	if apierrors.IsForbidden(err) {
		err = fmt.Errorf("%w; it needs the verbs get of pods, update of pods/ephemeralcontainers and get of pods/log, and a namespace that admits the capabilities; --user needs none", err)
	}
	return err
}

// exitCode is that of sockleak. Where the container did not end by itself,
// there is none.
func exitCode(end *corev1.ContainerStateTerminated) (int, error) {
	switch end.Reason {
	case "", "Completed", "Error":
		return int(end.ExitCode), nil
	}
	return 0, fmt.Errorf("the container ended before sockleak did: %s: %s (exit code %d)", end.Reason, end.Message, end.ExitCode)
}

// containerOf returns the pod's container that is meant.
func containerOf(pod *corev1.Pod, name string) (string, error) {
	if name == "" && len(pod.Spec.Containers) > 0 {
		return pod.Spec.Containers[0].Name, nil
	}
	var names []string
	for _, c := range pod.Spec.Containers {
		if c.Name == name {
			return name, nil
		}
		names = append(names, c.Name)
	}
	return "", fmt.Errorf("pod %s has no container %q; it has %q", pod.Name, name, names)
}

// ephemeral describes the container.
func (o *options) ephemeral(name string) corev1.EphemeralContainer {
	return corev1.EphemeralContainer{
		TargetContainerName: o.container,
		EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name:                     name,
			Image:                    o.image,
			Args:                     o.args,
			TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
			SecurityContext:          o.rights(),
		},
	}
}

// rights are the least that do. The processes' own user may see their sockets
// without any; root may with capabilities, and added ones work for root alone.
func (o *options) rights() *corev1.SecurityContext {
	yes, no, notRoot := true, false, o.user != 0
	c := &corev1.SecurityContext{
		RunAsUser:                &o.user,
		RunAsNonRoot:             &notRoot,
		AllowPrivilegeEscalation: &no,
		ReadOnlyRootFilesystem:   &yes,
		SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
	if !notRoot {
		c.Capabilities.Add = []corev1.Capability{"SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "PERFMON"}
	}
	return c
}
