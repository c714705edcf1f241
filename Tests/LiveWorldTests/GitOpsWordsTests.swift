@testable import LiveWorld
import PromotionModel
import Testing

/// Reading what git and servers say.
@Suite struct GitOpsWordsTests {
  @Test(arguments: [
    ("fatal: Authentication failed for 'https://u:p@h/x.git/'", WorldError.Reason.unauthorized),
    ("git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", .unauthorized),
    ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", .unauthorized),
    ("remote: Permission to o/r.git denied to bot.\nfatal: ... The requested URL returned error: 403", .unauthorized),
    ("ssh: Could not resolve hostname h: Temporary failure in name resolution", .unreachable),
    ("fatal: unable to access 'https://h/': Could not resolve host: h", .unreachable),
    (
      "ssh: connect to host h port 22: Connection timed out\nfatal: Could not read from remote repository.",
      .unreachable
    ),
    ("fatal: unable to access 'https://h/': The requested URL returned error: 503", .unreachable),
    ("fatal: Could not read from remote repository.", .unreachable),
    ("fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.", .notFound),
    ("remote: Repository not found.\nfatal: repository 'https://h/x/' not found", .notFound),
    ("fatal: couldn't find remote ref refs/heads/x", .notFound),
    ("error: gpg failed to sign the data", .refused),
    ("fatal: write error: No space left on device", .unwritable),
    ("error: unable to write file objects/ab/cd: Disk quota exceeded", .unwritable),
    ("remote: fatal: write error: No space left on device\nerror: remote unpack failed", .unwritable),
    ("fatal: cannot mkdir /home/a/.cache/x: Read-only file system", .unwritable),
    ("error: unable to create temporary file: Permission denied\nfatal: failed to write object", .unwritable),
    ("error: insufficient permission for adding an object to repository database ./objects", .unwritable),
    ("git@github.com: Permission denied, please try again.", .unauthorized),
    ("something else entirely", .nonsense),
    ("", .nonsense),
  ])
  func failuresAreTold(said: String, reason: WorldError.Reason) {
    let error = GitFailure.error(ProgramResult(status: 128, stderr: Array(said.utf8)))
    #expect(error.reason == reason)
    #expect(!error.message.isEmpty)
    #expect(!error.message.contains("u:p@"))
  }

  /// A cache that could not be written is no damaged one: it would be thrown away for a full disk.
  @Test func fullDiskIsNoDamage() {
    func damage(_ said: String) -> Bool { GitFailure.isDamage(ProgramResult(status: 128, stderr: Array(said.utf8))) }
    #expect(damage("error: object file objects/ab/cd is empty\nfatal: loose object abcd is corrupt"))
    #expect(!damage("error: unable to write loose object file: No space left on device"))
    #expect(!damage("fatal: unable to create loose object file objects/ab: Read-only file system"))
  }

  @Test func aCommitWithoutSenseIsNone() throws {
    let id = try #require(CommitID(String(repeating: "a", count: 40)))
    #expect(GitCommitText.read(Array("tree x\n\nmessage".utf8), id: id) == nil)
    #expect(GitCommitText.read([], id: id) == nil)
    let far = "author A <a> 99999999999999 +0000\ncommitter A <a> 99999999999999 +0000\n\nx\n"
    #expect(GitCommitText.read(Array(far.utf8), id: id) == nil)
    let bare = "author  <> 1 +0000\ncommitter  <> 1 +0000\n\n"
    #expect(GitCommitText.read(Array(bare.utf8), id: id)?.0.author == "unknown")
  }

  @Test(arguments: [
    ("user.name=A\nuser.email=a@x\nGIT_COMMITTER_IDENT=A <a@x> 1 +0000\nGIT_AUTHOR_IDENT=B <b@x> 1 +0000\n", "B <b@x>"),
    // What was made up from the machine's name is no identity; nor is one that lacks a part.
    ("user.name=A\nGIT_COMMITTER_IDENT=A <a@host> 1 +0000\nGIT_AUTHOR_IDENT=A <a@host> 1 +0000\n", nil),
    ("user.name=\nuser.email=a@x\nGIT_COMMITTER_IDENT=r <a@x> 1 +0000\nGIT_AUTHOR_IDENT=r <a@x> 1 +0000\n", nil),
    ("user.name=.\nuser.email=a@x\nGIT_COMMITTER_IDENT= <a@x> 1 +0000\nGIT_AUTHOR_IDENT= <a@x> 1 +0000\n", nil),
    ("user.name=A\nuser.email=a@x\nGIT_COMMITTER_IDENT=A <> 1 +0000\nGIT_AUTHOR_IDENT=A <a@x> 1 +0000\n", nil),
    ("user.name=A\nuser.email=a@x\nGIT_COMMITTER_IDENT=A <a@x> 1 +0000\n", nil),
    ("", nil),
  ])
  func identitiesAreTakenWhereTheyAreWhole(listing: String, author: String?) {
    #expect(GitIdentity(listing: Array(listing.utf8)).named?.author == author)
  }

  @Test(arguments: [
    ("", false), ("commit.gpgsign=true\n", true), ("commit.gpgsign\n", true), ("commit.gpgsign=Yes\n", true),
    ("commit.gpgsign=true\ncommit.gpgsign=false\n", false), ("commit.gpgsign=\n", false),
    ("commit.gpgsign=perhaps\n", nil), ("commit.gpgsign=2\n", nil),
  ])
  func signingIsReadAsGitReadsIt(listing: String, isSigned: Bool?) {
    #expect(GitIdentity(listing: Array(listing.utf8)).isSigned == isSigned)
    #expect(GitIdentity().isSigned == nil)
  }

  @Test func cacheNamesTellRepositoriesApart() {
    let names = ["git@h:a/b.git", "https://h/a/b.git", "https://h/a/b", "https://u:secret@h/a/b.git"].map {
      GitCacheDirectory.name(of: $0)
    }
    #expect(Set(names).count == 4)
    #expect(!names.contains { $0.contains("secret") || $0.contains("/") })
    #expect(GitCacheDirectory.absolute("../x").hasPrefix("/"))
    #expect(GitCacheDirectory.absolute("git@h:x") == "git@h:x")
  }
}
