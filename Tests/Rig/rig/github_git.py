"""What the forge does in a bare repository, all of it with git plumbing (git 2.39 is enough)."""

import functools
import os
import subprocess
import tempfile

NOBODY = ("GitHub", "noreply@github.com")


class GitError(Exception):
    """git ended with a status that was not expected."""


def kept(function):
    """Remembers what follows from object ids alone: it never changes."""
    @functools.wraps(function)
    def remember(self, *oids):
        key = (function.__name__, *oids)
        if key not in self._kept:
            if len(self._kept) > 20_000:
                self._kept.clear()
            self._kept[key] = function(self, *oids)
        return self._kept[key]
    return remember


class Git:
    """One bare repository."""

    def __init__(self, path):
        self.path = path
        self._kept = {}

    def run(self, *arguments, data=None, env=None, ok=(0,)):
        """Runs git; gives (status, standard output)."""
        clean = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": NOBODY[0], "GIT_AUTHOR_EMAIL": NOBODY[1],
            "GIT_COMMITTER_NAME": NOBODY[0], "GIT_COMMITTER_EMAIL": NOBODY[1],
        }
        clean.update(env or {})
        done = subprocess.run(
            ["git", "--git-dir", self.path, "-c", "safe.directory=*", *arguments],
            input=data if data is not None else b"", capture_output=True, env=clean, timeout=60, check=False)
        if ok is not None and done.returncode not in ok:
            words = done.stderr.decode("utf-8", "replace").strip()
            raise GitError(f"git {' '.join(arguments[:2])}: exit {done.returncode}: {words}")
        return done.returncode, done.stdout

    def text(self, *arguments, **options):
        return self.run(*arguments, **options)[1].decode("utf-8", "replace").strip()

    # Refs

    def heads(self):
        """Every branch by its short name."""
        lines = self.text("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads").splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return {ref[len("refs/heads/"):]: oid for oid, ref in pairs}

    def default_branch(self):
        ref = self.text("symbolic-ref", "-q", "HEAD", ok=(0, 1))
        return ref[len("refs/heads/"):] if ref.startswith("refs/heads/") else "main"

    def update(self, ref, new, old=None):
        """Moves a ref; with `old`, only if it still is there (compare and swap). False when it was not."""
        arguments = ["update-ref", "--no-deref", ref, new] + ([old] if old is not None else [])
        return self.run(*arguments, ok=None)[0] == 0

    def delete(self, ref, old=None):
        return self.run("update-ref", "--no-deref", "-d", ref, *([old] if old else []), ok=None)[0] == 0

    # Commits

    def resolve(self, name):
        status, out = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}", ok=None)
        return out.decode().strip() if status == 0 else None

    @kept
    def commit(self, oid):
        """Tree, parents, author and committer as (name, email, date), and the message of a commit."""
        raw = self.run("cat-file", "commit", oid)[1].decode("utf-8", "replace")
        head, _, message = raw.partition("\n\n")
        found = {"oid": oid, "parents": [], "message": message}
        for line in head.split("\n"):
            key, _, value = line.partition(" ")
            if key == "parent":
                found["parents"].append(value)
            elif key == "tree":
                found["tree"] = value
            elif key in ("author", "committer"):
                who, _, date = value.rpartition("> ")
                name, _, email = who.partition(" <")
                found[key] = (name, email, date)
        return found

    @kept
    def is_ancestor(self, old, new):
        return self.run("merge-base", "--is-ancestor", old, new, ok=(0, 1))[0] == 0

    @kept
    def merge_base(self, one, two):
        return self.text("merge-base", one, two, ok=(0, 1)).split("\n")[0] or None

    @kept
    def between(self, base, head):
        """The commits of a pull request, oldest first."""
        return self.text("rev-list", "--reverse", "--topo-order", head, "^" + base).split()

    def bringing(self, head, old_base, new_base):
        """The commit of the base's own line that brought `head` in: a merge commit, or `head` itself."""
        line = self.text("rev-list", "--first-parent", "--reverse", new_base, "^" + old_base).split()
        for oid in line:
            if self.is_ancestor(head, oid):
                return oid
        return head

    @kept
    def merge_tree(self, one, two):
        """The tree of the merge, or None where it conflicts."""
        status, out = self.run("merge-tree", "--write-tree", "--no-messages", one, two, ok=(0, 1))
        return out.decode().split("\n")[0].strip() if status == 0 else None

    def commit_tree(self, tree, parents, message, author=None, committer=None):
        """Writes a commit. `author` and `committer` are (name, email) or (name, email, "SECONDS ZONE")."""
        env = {}
        for role, person in (("AUTHOR", author), ("COMMITTER", committer)):
            if person:
                env[f"GIT_{role}_NAME"], env[f"GIT_{role}_EMAIL"] = person[0] or "unknown", person[1]
                if len(person) > 2:
                    env[f"GIT_{role}_DATE"] = person[2]
        options = [word for parent in parents for word in ("-p", parent)]
        return self.text("commit-tree", tree, *options, "-F", "-", data=message.encode(), env=env)

    def replay(self, base, head):
        """Rebases base..head onto base as GitHub does: always new commits, authors kept. None where it conflicts."""
        onto = base
        for oid in self.between(base, head):
            one = self.commit(oid)
            if len(one["parents"]) != 1:
                if len(one["parents"]) > 1:
                    continue
                return None
            parent = one["parents"][0]
            # git 2.39 has no --merge-base: a commit of `onto`'s tree on the original's parent does it.
            ours = self.commit_tree(self.text("rev-parse", onto + "^{tree}"), [parent], "base of a replay")
            tree = self.merge_tree(ours, oid)
            if tree is None:
                return None
            if tree == self.commit(onto)["tree"] and one["tree"] != self.commit(parent)["tree"]:
                continue
            onto = self.commit_tree(tree, [onto], one["message"], author=one["author"], committer=NOBODY)
        return onto

    def replace_in_file(self, oid, path, find, replacement, message, author):
        """A commit on top of `oid` in which `find` became `replacement` in one file. None where it is not there."""
        entry = self.text("ls-tree", oid, "--", path)
        if not entry:
            return None
        mode = entry.split()[0]
        before = self.run("cat-file", "blob", f"{oid}:{path}")[1]
        after = before.replace(find.encode(), replacement.encode())
        if after == before:
            return None
        blob = self.text("hash-object", "-w", "--stdin", data=after)
        with tempfile.TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
            self.run("read-tree", oid, env=env)
            self.run("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", env=env)
            tree = self.text("write-tree", env=env)
        return self.commit_tree(tree, [oid], message, author=author, committer=author)

    # Diffs

    @kept
    def diff(self, base, head):
        return self.run("diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M", base, head, "--")[1]

    def patch(self, base, head):
        return self.run("format-patch", "--stdout", "--no-signature", f"{base}..{head}")[1]

    @kept
    def files(self, base, head):
        """Changed files: path, former path, status letter, additions, deletions (both 0 for a binary file)."""
        names = self.run("diff", "-z", "--name-status", "-M", base, head, "--")[1]
        names = names.decode("utf-8", "replace").split("\0")
        found, at = [], 0
        while at < len(names) and names[at]:
            letter = names[at][0]
            width = 3 if letter in "RC" else 2
            found.append({"path": names[at + width - 1], "former": names[at + 1] if width == 3 else None,
                          "letter": letter})
            at += width
        counts = self.run("diff", "-z", "--numstat", "--no-renames", base, head, "--")[1]
        numbers = {}
        for row in counts.decode("utf-8", "replace").split("\0"):
            if row.count("\t") == 2:
                added, removed, path = row.split("\t")
                numbers[path] = (int(added) if added != "-" else 0, int(removed) if removed != "-" else 0)
        for one in found:
            one["additions"], one["deletions"] = numbers.get(one["path"], (0, 0))
        return found
