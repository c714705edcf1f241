import PromotionModel
import Testing

@testable import GitOpsLayout

/// Repositories of several shapes, in memory: what is found out about each.
@Suite struct SurveyTests {
  private func propose(_ files: [String: String]) -> LayoutSurvey? {
    LayoutSurvey.propose(files.mapValues { Array($0.utf8) })
  }

  private func environments(_ survey: LayoutSurvey) -> [String] { survey.environments.map(\.text) }
  private func tags(_ survey: LayoutSurvey) -> [String: String?] {
    Dictionary(survey.services.map { ($0.name.text, $0.tagPattern) }, uniquingKeysWith: { first, _ in first })
  }

  @Test func theGuidesFolders() throws {
    var files = ["README.md": "no", "syrf/argocd/appset.yaml": "kind: ApplicationSet\nspec: {}\n"]
    for environment in ["staging", "production"] {
      for (service, tag) in [("api", "api-v9.1.1"), ("web", "web-v5.0.1"), ("project-management", "pm-v10.45.0")] {
        files["syrf/environments/\(environment)/\(service)/config.yaml"] = """
          serviceName: \(service)
          envName: \(environment)
          service:
            enabled: true
            chartTag: \(tag)
          """
      }
    }
    let found = try #require(propose(files))
    #expect(found.filePattern == "syrf/environments/{environment}/{service}/config.yaml")
    #expect(found.tagPath == "service.chartTag")
    #expect(found.enabledPath == nil)
    #expect(found.set == ["envName"])
    #expect(environments(found) == ["staging", "production"])
    #expect(found.production?.text == "production")
    #expect(tags(found) == ["api": "api-v{version}", "web": "web-v{version}", "project-management": "pm-v{version}"])
    #expect(found.files == 6)
  }

  @Test func theGuidesFiles() throws {
    var files: [String: String] = [:]
    for environment in ["staging", "production"] {
      for service in ["api", "web"] {
        files["environments/\(environment)/services/\(service).yaml"] =
          "service:\n  chartTag: \(service)-v1.2.3  # by CI\n"
      }
    }
    let found = try #require(propose(files))
    #expect(found.filePattern == "environments/{environment}/services/{service}.yaml")
    #expect(found.tagPath == "service.chartTag" && found.set.isEmpty)
  }

  @Test func kustomizeImages() throws {
    var files: [String: String] = [:]
    for service in ["api", "web"] {
      files["apps/\(service)/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
      files["apps/\(service)/base/deployment.yaml"] =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: \(service), labels: { version: 9.9.9 } }\n"
      for (environment, version) in [("staging", "1.5.0"), ("prod", "1.4.2")] {
        files["apps/\(service)/overlays/\(environment)/kustomization.yaml"] = """
          apiVersion: kustomize.config.k8s.io/v1beta1
          kind: Kustomization
          namespace: shop-\(environment)
          resources: [../../base]
          images:
            - name: busybox
              newTag: 1.36.1
            - name: ghcr.io/acme/\(service)
              newTag: \(version)
          """
      }
    }
    let found = try #require(propose(files))
    #expect(found.filePattern == "apps/{service}/overlays/{environment}/kustomization.yaml")
    #expect(found.tagPath == #"images[name="ghcr.io/acme/{service}"].newTag"#)
    #expect(environments(found) == ["staging", "prod"])
    #expect(found.namespaces == [EnvironmentName("staging"): "shop-staging", EnvironmentName("prod"): "shop-prod"])
    #expect(tags(found) == ["api": "{version}", "web": "{version}"])
  }

  @Test func helmValues() throws {
    var files: [String: String] = [:]
    for service in ["api", "web"] {
      files["charts/\(service)/Chart.yaml"] = "name: \(service)\nversion: 0.1.0\nappVersion: 1.0.0\n"
      files["charts/\(service)/templates/deployment.yaml"] = "image: {{ .Values.image.tag }}\n"
      files["charts/\(service)/values.yaml"] = "image: { repository: ghcr.io/acme/\(service), tag: latest }\n"
      for (environment, version) in [("dev", "2.1.0-rc.1"), ("staging", "2.0.1"), ("production", "2.0.0")] {
        files["charts/\(service)/values-\(environment).yaml"] = """
          replicaCount: 2
          image:
            repository: ghcr.io/acme/\(service)
            tag: "v\(version)"
          """
      }
    }
    let found = try #require(propose(files))
    #expect(found.filePattern == "charts/{service}/values-{environment}.yaml")
    #expect(found.tagPath == "image.tag")
    #expect(environments(found) == ["dev", "staging", "production"])
    #expect(tags(found) == ["api": "v{version}", "web": "v{version}"])
  }

  @Test func folderOfServiceAndEnvironmentInOne() throws {
    var files: [String: String] = [:]
    for name in ["api-staging", "api-prod", "web-staging", "web-prod"] {
      files["deploy/\(name)/values.yaml"] = "enabled: true\nimageTag: 1.0.0\n"
    }
    let found = try #require(propose(files))
    #expect(found.filePattern == "deploy/{service}-{environment}/values.yaml")
    #expect(found.tagPath == "imageTag" && found.enabledPath == "enabled")
    #expect(found.services.map(\.name.text) == ["api", "web"])
  }

  @Test func oneServiceAloneIsToldFromTheFoldersAroundIt() throws {
    var files: [String: String] = [:]
    for environment in ["staging", "production"] {
      files["acme/environments/\(environment)/api/config.yaml"] =
        "serviceName: api\nservice: { chartTag: api-v1.0.0 }\n"
    }
    let found = try #require(propose(files))
    #expect(found.filePattern == "acme/environments/{environment}/{service}/config.yaml")
  }

  @Test func tagsThatAreNoVersionsAreKeptForTheCommentAndNotGuessed() throws {
    var files: [String: String] = [:]
    for (environment, tag) in [("staging", "latest"), ("production", "v1.2.3")] {
      files["environments/\(environment)/services/api.yaml"] = "service: { chartTag: \(tag) }\n"
    }
    let service = try #require(propose(files)?.services.first)
    #expect(service.tagPattern == nil)
    #expect(service.tags == [EnvironmentName("staging"): "latest", EnvironmentName("production"): "v1.2.3"])
  }

  @Test func whereNothingIsFoundNothingIsProposed() {
    #expect(propose([:]) == nil)
    #expect(propose(["environments/staging/api.yaml": "tag: 1.0.0\n"]) == nil)
    #expect(propose(["staging/api.yaml": "{{ broken", "production/api.yaml": "- a\n- b\n"]) == nil)
    #expect(propose(["a/b/c.yaml": "tag: 1.0.0\n", "a/b/d.yaml": "tag: 1.0.0\n"]) == nil)
  }

  @Test(arguments: [
    ("api-v9.1.1", "api-v"), ("1.2.3", ""), ("v1.2.3-rc.1", "v"), ("release/api-1.0.0+b7", "release/api-"),
  ]) func tagsAreTakenApart(tag: String, prefix: String) throws {
    #expect(try #require(SurveyedFile.pattern(of: tag)).prefix == prefix)
  }

  @Test(arguments: ["latest", "1.2", "sha-abc1234", "1.2.3.4", ""]) func whatHoldsNoVersionIsNone(tag: String) {
    #expect(SurveyedFile.pattern(of: tag) == nil)
  }

  /// Whatever a repository is named, reading it ends and proposes only names that the configuration allows.
  @Test func oddNamesAreNoServices() {
    for name in [
      "..", "-x", "All", "all", "promoted", "production", "a b", "ü", "x/y", String(repeating: "a", count: 64), "",
    ] {
      #expect(!SurveyedPath.isService(name), "\(name)")
    }
    for name in ["api", "project-management", "web2"] { #expect(SurveyedPath.isService(name), "\(name)") }
  }
}
