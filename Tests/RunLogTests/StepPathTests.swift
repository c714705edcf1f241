import FoundationEssentials
import RunLog
import Testing

@Suite struct StepPathTests {
  @Test(arguments: [
    "", "0", "3", "4/on-failure/0", "2/iteration-1/0", "1/attempt-2/0/fact-3", "10/on-failure/12/iteration-0/1",
    "5/call/2", "6/branch-0/1", "6/branch-1/0/fact-0", "7/finally/0", "8/2/attempt-0/call/0",
  ])
  func `a path is read and written back`(text: String) throws {
    let path = try #require(StepPath(text))
    #expect(path.description == text)
    #expect(try JSONDecoder().decode([StepPath].self, from: JSONEncoder().encode([path])) == [path])
  }

  @Test func `every kind of component survives`() {
    let path = StepPath([.statement(4), .onFailure, .statement(0), .iteration(7), .attempt(2), .fact(9)])
    #expect(path.description == "4/on-failure/0/iteration-7/attempt-2/fact-9")
    #expect(StepPath(path.description) == path)
    #expect(StepPath([.statement(4)]).appending(.onFailure).description == "4/on-failure")
  }

  @Test func `a path is inside of itself and of what it begins with`() throws {
    let path = try #require(StepPath("4/on-failure/0"))
    #expect(path.isInside(path))
    #expect(path.isInside(StepPath()))
    #expect(path.isInside(StepPath([.statement(4)])))
    #expect(!path.isInside(StepPath([.statement(4), .finally])))
    #expect(!StepPath([.statement(40)]).isInside(StepPath([.statement(4)])))
  }

  @Test(arguments: [
    "/", "3/", "/3", "3//4", "a", "-1", "+1", "01", "00", "iteration-", "iteration--1", "iteration-01", "on-failure-1",
    "ON-FAILURE", "3/../4", "٣", "3\n", " 3", "99999999999999999999", "fact-x",
    "call-1", "finally-0", "branch", "branch-", "branch-01",
  ])
  func `nothing else is read`(text: String) {
    #expect(StepPath(text) == nil)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([StepPath].self, from: JSONEncoder().encode([text]))
    }
  }

  @Test func `paths that mean different places are written differently`() {
    let components: [StepPath.Component] = [
      .statement(0), .statement(1), .onFailure, .iteration(0), .attempt(0), .fact(0), .call,
      .finally, .branch(0),
    ]
    var paths: [StepPath] = [StepPath()]
    for a in components {
      paths.append(StepPath([a]))
      for b in components { paths.append(StepPath([a, b])) }
    }
    #expect(Set(paths.map(\.description)).count == paths.count)
  }
}
