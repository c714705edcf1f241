import PromotionModel
import RunbookDiagnostics
import Testing

@testable import FleetConfiguration

@Suite struct ConfigurationDraftTests {
  private func draft(_ change: (inout ConfigurationDraft) -> Void = { _ in }) -> ConfigurationDraft {
    var draft = ConfigurationDraft(
      origin: "git@github.com:acme/cluster-gitops.git at 1234",
      repository: "git@github.com:acme/cluster-gitops.git",
      branch: "main",
      filePattern: "environments/{environment}/services/{service}.yaml",
      tagPath: #"images[name="ghcr.io/acme/{service}"].newTag"#,
      set: ["envName"],
      environments: [
        .init(name: EnvironmentName("staging"), namespace: "staging", context: "staging"),
        .init(
          name: EnvironmentName("production"),
          namespace: "prod",
          context: "arn:aws:eks:eu-west-1:1234:cluster/prod",
          clusterUID: "5f1c7a52-0000-4000-8000-000000000001",
          destination: "https://10.0.0.1:6443",
          promotesFrom: EnvironmentName("staging"),
          isProtected: true
        ),
      ],
      services: [.init(name: ServiceName("api"), tag: "api-v{version}")],
      argocdNamespace: "argocd",
      applicationPattern: "{service}-{environment}",
      forge: "acme/cluster-gitops"
    )
    change(&draft)
    return draft
  }

  private func load(_ draft: ConfigurationDraft) throws -> Fleet {
    let (fleet, findings) = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: draft.text))
    #expect(findings.isEmpty, "\(findings)\n\(draft.text)")
    return try #require(fleet)
  }

  @Test func whatIsKnownIsReadBackAsItWas() throws {
    let fleet = try load(draft())
    #expect(fleet.repository.url == "git@github.com:acme/cluster-gitops.git")
    #expect(fleet.repository.tagPath == #"images[name="ghcr.io/acme/{service}"].newTag"#)
    #expect(fleet.repository.set == ["envName": "{environment}"])
    let production = try #require(fleet.environment(EnvironmentName("production")))
    #expect(production.isProtected && production.promotesFrom?.text == "staging" && production.namespace == "prod")
    #expect(production.context == "arn:aws:eks:eu-west-1:1234:cluster/prod")
    #expect(production.destination == "https://10.0.0.1:6443")
    #expect(fleet.pullRequest?.repository == "acme/cluster-gitops")
    #expect(draft().doubtCount == 1)  // where services answer
  }

  @Test func whatCouldNotBeToldIsACommentAndCounted() throws {
    let doubtful = draft { draft in
      draft.forge = nil
      draft.applicationPattern = nil
      draft.services[0].tagDoubt = "how the tags of api hold a version (staging: latest)"
      draft.environments[0].namespaceDoubt = "the namespace of staging"
      draft.doubts = ["which environment is production"]
    }
    _ = try load(doubtful)
    #expect(doubtful.doubtCount == 6)
    #expect(doubtful.text.contains("# could not tell: which environment is production\n"))
  }

  /// Text from a repository or a cluster stays in its quotes and on its line.
  @Test func hostileTextChangesNothingButItself() throws {
    let hostile = "x\" }\nprotected: false # \u{1B}[31m\u{202E}"
    let odd = draft { draft in
      draft.origin = hostile
      draft.environments[0].context = "x\" }: # y"
      draft.services[0].tagDoubt = hostile
      draft.doubts = [hostile]
    }
    let fleet = try load(odd)
    #expect(fleet.environments.first?.context == "x\" }: # y")
    #expect(!odd.text.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E })
    #expect(odd.text.split(separator: "\n").allSatisfy { !$0.hasPrefix("protected") })
  }
}
