import Testing

@testable import LiveWorld

@Suite struct FoundApplicationTests {
  private func application(_ repositories: [String]) -> ClusterSurvey.FoundApplication {
    ClusterSurvey.FoundApplication(
      name: "api-production",
      namespace: "argocd",
      isOwnCluster: true,
      repositories: repositories
    )
  }

  @Test(arguments: [
    "https://github.com/acme/gitops", "https://github.com/acme/gitops.git", "git@github.com:acme/gitops.git",
    "ssh://git@github.com/acme/gitops.git/", "https://ada:token@GitHub.com/acme/gitops",
  ])
  func sameRepositoryHoweverItIsReached(url: String) {
    #expect(application(["https://charts.example/stable", url]).isMade(from: "git@github.com:acme/gitops"))
  }

  @Test func anotherRepositoryIsNotIt() {
    #expect(!application(["https://github.com/acme/other"]).isMade(from: "https://github.com/acme/gitops"))
    #expect(!application(["file:///srv/f1/gitops.git"]).isMade(from: "file:///srv/f3/gitops.git"))
    #expect(application(["file:///srv/f3/gitops.git"]).isMade(from: "/srv/f3/gitops.git"))
  }

  @Test func oneThatSaysNothingMayBeIt() {
    #expect(application([]).isMade(from: "https://github.com/acme/gitops"))
  }
}
