import PromotionModel
import Testing

@testable import LiveWorld

@Suite struct ClusterAccessTests {
  static let account = ClusterAccess.Account(name: "slipway", namespace: "release")

  @Test func whatOnlyLooksMayChangeNothing() {
    let text = ClusterAccess.manifest(for: Fixture.fleet, needs: [], account: Self.account)
    for verb in ["patch", "create", "update", "delete", "*", "secrets"] { #expect(!text.contains(verb), "\(verb)") }
    #expect(text.contains(#"resourceNames: ["kube-system"]"#))
  }

  @Test func deliveryPatchesApplicationsAndNothingElse() {
    let text = ClusterAccess.manifest(for: Fixture.fleet, needs: [.delivery], account: Self.account)
    let rules = text.split(separator: "  - apiGroups: ").filter { $0.contains("patch") }
    #expect(!rules.isEmpty)
    #expect(rules.allSatisfy { $0.hasPrefix(#"["argoproj.io"]"#) })
  }

  @Test func workloadsAreChangedOnlyWhereARunbookDoes() {
    func text(_ needs: Set<ClusterAccess.Need>) -> [Substring] {
      ClusterAccess.manifest(for: Fixture.fleet, needs: needs, account: Self.account).split(
        separator: "  - apiGroups: "
      )
    }
    #expect(!text([.delivery, .diagnosis]).contains { $0.hasPrefix(#"["apps"]"#) && $0.contains("patch") })
    #expect(text([.workloads]).contains { $0.hasPrefix(#"["apps"]"#) && $0.contains(#"["get", "patch"]"#) })
    #expect(text([.diagnosis]).contains { $0.contains(#"["nodes"]"#) })
  }

  @Test func thePrometheusOfAnEnvironmentIsReachedByItsName() {
    var fleet = Fixture.fleet
    fleet.metrics.sources[fleet.environments[0].name] = .service(namespace: "watch", name: "prometheus", port: "9090")
    let text = ClusterAccess.manifest(for: fleet, needs: [], account: Self.account)
    #expect(text.contains("slipway-metrics"))
    #expect(text.contains(#"resourceNames: ["prometheus:9090"]"#))
    #expect(!ClusterAccess.manifest(for: Fixture.fleet, needs: [], account: Self.account).contains("proxy"))
  }

  @Test func namesAreTextWhateverTheyHold() {
    let account = ClusterAccess.Account(name: "a\"\nkind: Secret", namespace: "release")
    let text = ClusterAccess.manifest(for: Fixture.fleet, needs: [], account: account)
    #expect(text.contains(#"name: "a\"\x0akind: Secret""#))
  }

  @Test func eachClusterHasItsSection() {
    var fleet = Fixture.fleet
    for index in fleet.environments.indices { fleet.environments[index].context = "cluster-\(index)" }
    func text(_ context: String?) -> String {
      ClusterAccess.manifest(for: fleet, needs: [], account: Self.account, context: context)
    }
    let heads = text(nil).split(separator: "\n").filter { $0.hasPrefix("# For kubectl") }
    #expect(heads == fleet.environments.indices.map { "# For kubectl --context=cluster-\($0) apply -f -" })
    #expect(text("cluster-0").split(separator: "\n").filter { $0.hasPrefix("# For kubectl") }.count == 1)
    #expect(text("cluster-0").contains("\"\(fleet.environments[0].namespace)\""))
    #expect(text("elsewhere").isEmpty)
    // Argo CD without a context of its own is in each environment's cluster.
    #expect(text(nil).split(separator: "slipway-argocd").count > fleet.environments.count)
  }
}
