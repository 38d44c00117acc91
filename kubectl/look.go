package main

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/typed/core/v1"
)

// look starts the container, waits for its end, and copies what it has written.
// It returns the exit code of sockleak.
func (o *options) look(ctx context.Context, pods v1.PodInterface, stdout, stderr io.Writer) (int, error) {
	pod, err := pods.Get(ctx, o.pod, metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	if o.container, err = containerOf(pod, o.container); err != nil {
		return 0, err
	}
	c := o.ephemeral("sockleak-" + rand.String(5))
	pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, c)
	if _, err := pods.UpdateEphemeralContainers(ctx, o.pod, pod, metav1.UpdateOptions{}); err != nil {
		if apierrors.IsForbidden(err) {
			err = fmt.Errorf("%w; it needs the verbs get of pods, update of pods/ephemeralcontainers and get of pods/log, and a namespace that admits the capabilities", err)
		}
		return 0, err
	}
	fmt.Fprintf(stderr, "kubectl-sockleak: looking at container %s of pod %s from ephemeral container %s\n", o.container, o.pod, c.Name)
	ended, err := o.ended(ctx, pods, c.Name)
	if err != nil {
		return 0, err
	}
	logs, err := pods.GetLogs(o.pod, &corev1.PodLogOptions{Container: c.Name}).Stream(ctx)
	if err != nil {
		return 0, err
	}
	defer logs.Close()
	if _, err := io.Copy(stdout, logs); err != nil {
		return 0, err
	}
	return int(ended.ExitCode), nil
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

// ephemeral describes the container. Added capabilities work for root alone.
func (o *options) ephemeral(name string) corev1.EphemeralContainer {
	root, yes, no := int64(0), true, false
	return corev1.EphemeralContainer{
		TargetContainerName: o.container,
		EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name:                     name,
			Image:                    o.image,
			Args:                     o.args,
			TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
			SecurityContext: &corev1.SecurityContext{
				RunAsUser:                &root,
				RunAsNonRoot:             &no,
				AllowPrivilegeEscalation: &no,
				ReadOnlyRootFilesystem:   &yes,
				SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
				Capabilities: &corev1.Capabilities{
					Drop: []corev1.Capability{"ALL"},
					Add:  []corev1.Capability{"SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "PERFMON"},
				},
			},
		},
	}
}

// pollInterval is how often the API is asked whether the container has ended.
const pollInterval = 500 * time.Millisecond

// ended waits for the end of the container. One that cannot start is told why.
func (o *options) ended(ctx context.Context, pods v1.PodInterface, name string) (*corev1.ContainerStateTerminated, error) {
	var state corev1.ContainerState
	err := wait.PollUntilContextTimeout(ctx, pollInterval, o.wait, true, func(ctx context.Context) (bool, error) {
		pod, err := pods.Get(ctx, o.pod, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, s := range pod.Status.EphemeralContainerStatuses {
			if s.Name == name {
				state = s.State
			}
		}
		return state.Terminated != nil, nil
	})
	if err != nil && ctx.Err() == nil && state.Waiting != nil {
		return nil, fmt.Errorf("the container did not start within %v: %s: %s", o.wait, state.Waiting.Reason, state.Waiting.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("wait for the end of the container: %w", err)
	}
	return state.Terminated, nil
}
