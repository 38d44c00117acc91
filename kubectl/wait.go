package main

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/typed/core/v1"
)

// started and ended are what may be waited for.
func started(s *corev1.ContainerState) bool { return s.Running != nil || s.Terminated != nil }
func ended(s *corev1.ContainerState) bool   { return s.Terminated != nil }

// pollInterval is how often the API is asked about the container.
const pollInterval = 500 * time.Millisecond

// reached waits until the container is that far. Why it waits is told as soon
// as that is more than its usual course; what will not change by itself ends it.
func (o *options) reached(ctx context.Context, pods v1.PodInterface, name string, limit time.Duration, stderr io.Writer, there func(*corev1.ContainerState) bool) (*corev1.ContainerState, error) {
	var state corev1.ContainerState
	var said string
	err := wait.PollUntilContextTimeout(ctx, pollInterval, limit, true, func(context.Context) (bool, error) {
		pod, err := pods.Get(ctx, o.pod, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, s := range pod.Status.EphemeralContainerStatuses {
			if s.Name == name {
				state = s.State
			}
		}
		w := state.Waiting
		if w == nil || there(&state) {
			return there(&state), nil
		}
		if stuck(w.Reason) {
			return false, fmt.Errorf("%s: %s", w.Reason, w.Message)
		}
		if w.Reason != said && w.Reason != "" && w.Reason != "ContainerCreating" && w.Reason != "PodInitializing" {
			said = w.Reason
			fmt.Fprintf(stderr, "kubectl-sockleak: %s: %s\n", w.Reason, w.Message)
		}
		return false, nil
	})
	switch {
	case err == nil:
		return &state, nil
	case wait.Interrupted(err) && ctx.Err() == nil && state.Waiting != nil:
		return nil, fmt.Errorf("the container did not start within %v: %s: %s", limit, state.Waiting.Reason, state.Waiting.Message)
	case wait.Interrupted(err) && ctx.Err() == nil:
		return nil, fmt.Errorf("the node has said nothing new of the container within %v", limit)
	}
	return nil, fmt.Errorf("wait for the container: %w", err)
}

// stuck reports whether a container that waits for this reason needs somebody
// to do something: the kubelet has tried, and says why it does not go on.
func stuck(reason string) bool {
	switch reason {
	case "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", // pkg/kubelet/images/types.go
		"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff": // pkg/kubelet/container/sync_result.go
		return true
	}
	return false
}
