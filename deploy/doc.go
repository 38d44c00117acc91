// Package deploy has no code: its tests check the files in this directory,
// the Prometheus rules with promtool and the Grafana dashboard against the
// metrics that sockleak writes. kubernetes/validate, a module of its own,
// checks the manifests against the types of the Kubernetes API.
package deploy
