/// The objects of a submitted run, as the Kubernetes API takes them.
enum JobManifest {
  struct Metadata: Encodable {
    var name: String?
    var namespace: String?
    var labels: [String: String]
  }

  struct ConfigMap: Encodable {
    let apiVersion = "v1"
    let kind = "ConfigMap"
    var metadata: Metadata
    /// What a run began with must not change under it.
    let immutable = true
    var data: [String: String]
  }

  struct Job: Encodable {
    struct Spec: Encodable {
      /// A run that failed is for people, or for `slipway resume`.
      let backoffLimit = 0
      var activeDeadlineSeconds: Int64
      let ttlSecondsAfterFinished = 7 * 86_400
      var template: Template
    }
    struct Template: Encodable {
      var metadata: Metadata
      var spec: Pod
    }
    let apiVersion = "batch/v1"
    let kind = "Job"
    var metadata: Metadata
    var spec: Spec
  }

  struct Pod: Encodable {
    struct Security: Encodable {
      struct Profile: Encodable { let type = "RuntimeDefault" }
      let runAsNonRoot = true
      let runAsUser = 10_001
      let fsGroup = 10_001
      let seccompProfile = Profile()
    }
    let restartPolicy = "Never"
    var serviceAccountName: String
    var terminationGracePeriodSeconds: Int
    let securityContext = Security()
    var containers: [Container]
    var volumes: [Volume]
  }

  struct Container: Encodable {
    struct Variable: Encodable { var name, value: String }
    struct Source: Encodable {
      struct Reference: Encodable { var name: String }
      var secretRef: Reference
    }
    struct Security: Encodable {
      struct Capabilities: Encodable { let drop = ["ALL"] }
      let allowPrivilegeEscalation = false
      let readOnlyRootFilesystem = true
      let capabilities = Capabilities()
    }
    static let name = "slipway"
    let name = Container.name
    var image: String
    let command = ["slipway"]
    var args: [String]
    var env: [Variable]
    var envFrom: [Source]
    var volumeMounts: [Mount]
    let securityContext = Security()
  }

  struct Mount: Encodable {
    var name, mountPath: String
    var readOnly: Bool
  }

  struct Volume: Encodable {
    struct Empty: Encodable {}
    struct ConfigMapSource: Encodable {
      struct Item: Encodable { var key, path: String }
      var name: String
      var items: [Item]
    }
    struct SecretSource: Encodable { var secretName: String }
    var name: String
    var configMap: ConfigMapSource?
    var secret: SecretSource?
    var emptyDir: Empty?
  }
}
