import PromotionModel

/// The check `migrations` of a service whose configuration says which Jobs they are.
///
/// A Job is of the version that is looked at when its name says so; when Argo CD's last sync ran it as a hook; when it runs the
/// service's image at that tag; or when it is younger than a pod of it. One that is known to be older is missing, and of one of
/// which none of that can be said, nothing is (rule 5).
struct MigrationFindings {
  let service: Service
  let jobs: MigrationJobs
  let tag: String?
  let snapshot: ServiceSnapshot?

  private enum Age: Equatable {
    case current
    case older(String)
    case unknown
  }

  var verdict: (result: Finding.Result, message: String) {
    guard let snapshot else { return (.unknown, "nothing is known of its jobs") }
    guard let tag, let version = service.tag.version(ofTag: tag) else {
      return (.unknown, "no version to compare with")
    }
    let ages = snapshot.jobs.map { ($0, age($0, version, tag, snapshot)) }
    let current = ages.filter { $0.1 == .current }.map(\.0)
    guard current.isEmpty else { return judge(current) }
    let unknown = Timestamp(secondsSinceEpoch: 0)
    let newest = ages.max { ($0.0.createdAt ?? unknown) < ($1.0.createdAt ?? unknown) }
    guard let (job, age) = newest else { return (.bad, "there is no job \(jobs.text)") }
    switch age {
    case .current: return judge([job])
    case .older(let why): return (.bad, "no job of \(tag) has run: \(job.name) \(why)")
    case .unknown:
      if job.state != .complete { return judge([job]) }
      return (
        .unknown,
        "whether job \(job.name) is of \(tag) cannot be told: neither its name nor its image says so, and it is older "
          + "than the pods"
      )
    }
  }

  private func judge(_ jobs: [JobSnapshot]) -> (Finding.Result, String) {
    if let failed = jobs.first(where: { $0.state == .failed }) { return (.bad, "job \(failed.name) failed") }
    if let active = jobs.first(where: { $0.state == .active }) { return (.bad, "job \(active.name) is not complete") }
    return (.good, jobs.count == 1 ? "job \(jobs[0].name) is complete" : "\(jobs.count) jobs complete")
  }

  private func age(_ job: JobSnapshot, _ version: Version, _ tag: String, _ snapshot: ServiceSnapshot) -> Age {
    if jobs.namesVersion {
      return jobs.isName(job.name, ofVersion: version, tag: tag) ? .current : .older("is of another version")
    }
    if job.isOfLastSync == true { return .current }
    let images = job.images ?? []
    if images.contains(where: { service.isImage($0, atTag: tag) }) { return .current }
    if let other = images.lazy.compactMap({ service.tag(ofImage: $0) }).first { return .older("ran \(other)") }
    let pods = snapshot.pods.filter { $0.container(of: service, atTag: tag) != nil }
    if let created = job.createdAt, let oldest = pods.map(\.createdAt).min(), created >= oldest { return .current }
    return .unknown
  }
}
