"""The rig: a real Kubernetes control plane without containers, for Slipway's integration tests.

etcd, kube-apiserver and kube-controller-manager are the real programs. What would need containers or the
internet is imitated beside them by small processes: a kubelet, an Argo CD, a GitHub.
"""
