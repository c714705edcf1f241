"""The language server beside a real client: what pygls sends is understood, and what is answered is what it expects.

pygls turns every answer into the types of the protocol and refuses what does not fit them.
"""

import asyncio
import logging
import pathlib
import sys
import tempfile
import unittest

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

SLIPWAY = sys.argv.pop(1)
LIMIT = 60  # seconds, for anything at all
# A loaded machine is slow, which is no finding.
logging.getLogger("asyncio").setLevel(logging.ERROR)

FLEET = """\
gitops:
  repository: https://git.example.org/acme/cluster-gitops.git
  file: environments/{environment}/services/{service}.yaml
  tag: service.chartTag
environments:
  staging: { namespace: staging }
  production: { namespace: production, promotes-from: staging, protected: true }
services:
  api: { tag: "api-v{version}" }
  web: { tag: "web-v{version}" }
pull-request: { repository: acme/cluster-gitops }
"""

RUNBOOK = """\
import "common.runbook"
input soak = 30m
# é😀
validate staging   ap, web
monitor (soak) production api
watch(api)
"""

COMMON = """\
procedure watch(services) {
  verify production services
}
"""


class Session:
    """A server with a runbook open in it."""

    def __init__(self, folder, encodings):
        self.folder = pathlib.Path(folder)
        self.encodings = encodings
        self.published = asyncio.Queue()
        self.client = LanguageClient("slipway-tests", "1")

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams):
            self.published.put_nowait(params)

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams):
            return None

    async def start(self):
        for name, text in [("slipway.yaml", FLEET), ("release.runbook", RUNBOOK), ("common.runbook", COMMON)]:
            (self.folder / name).write_text(text)
        await self.client.start_io(SLIPWAY, "lsp", "--stdio", cwd=self.folder)
        self.hello = await self.client.initialize_async(
            types.InitializeParams(
                process_id=None,
                root_uri=self.folder.as_uri(),
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=self.encodings),
                    workspace=types.WorkspaceClientCapabilities(
                        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                            dynamic_registration=True
                        )
                    ),
                    text_document=types.TextDocumentClientCapabilities(
                        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
                        document_symbol=types.DocumentSymbolClientCapabilities(
                            hierarchical_document_symbol_support=True
                        ),
                        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True),
                    ),
                ),
            )
        )
        self.client.initialized(types.InitializedParams())
        self.uri = (self.folder / "release.runbook").as_uri()
        self.document = types.TextDocumentIdentifier(uri=self.uri)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(uri=self.uri, language_id="runbook", version=1, text=RUNBOOK)
            )
        )
        return self

    async def diagnostics(self):
        while True:
            params = await asyncio.wait_for(self.published.get(), LIMIT)
            if params.uri == self.uri:
                return params

    def change(self, version, *changes):
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version=version, uri=self.uri), list(changes)
            )
        )

    async def end(self):
        self.ended = await self.client.shutdown_async(None)
        self.client.exit(None)
        await asyncio.wait_for(self.client._server.wait(), LIMIT)
        status = self.client._server.returncode
        await self.client.stop()
        return status


def at(line, character):
    return types.Position(line=line, character=character)


def span(line, start, end):
    return types.Range(start=at(line, start), end=at(line, end))


class ClientTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    async def session(self, encodings=(types.PositionEncodingKind.Utf16,)):
        session = Session(self.folder.name, list(encodings))
        return await asyncio.wait_for(session.start(), LIMIT)

    async def test_everything(self):
        session = await self.session()
        client = session.client
        self.assertEqual(session.hello.capabilities.position_encoding, types.PositionEncodingKind.Utf16)

        published = await session.diagnostics()
        self.assertEqual(published.version, 1)
        [finding] = [d for d in published.diagnostics if d.severity == types.DiagnosticSeverity.Error]
        self.assertEqual(finding.range, span(3, 19, 21))
        self.assertIn("did you mean `api`?", finding.message)
        self.assertTrue(finding.code.startswith("SW"))

        actions = await client.text_document_code_action_async(
            types.CodeActionParams(
                session.document, finding.range, types.CodeActionContext(diagnostics=[finding])
            )
        )
        [edit] = actions[0].edit.changes[session.uri]
        self.assertEqual((edit.range, edit.new_text), (span(3, 19, 21), "api"))

        hover = await client.text_document_hover_async(types.HoverParams(session.document, at(3, 20)))
        self.assertEqual(hover.contents.kind, types.MarkupKind.Markdown)
        self.assertIn(finding.code, hover.contents.value)
        hover = await client.text_document_hover_async(types.HoverParams(session.document, at(4, 2)))
        self.assertIn("every service was seen", hover.contents.value)

        session.change(2, types.TextDocumentContentChangePartial(text="api", range=span(3, 19, 21)))
        published = await session.diagnostics()
        self.assertEqual(published.version, 2)
        self.assertFalse([d for d in published.diagnostics if d.severity == types.DiagnosticSeverity.Error])

        completion = await client.text_document_completion_async(
            types.CompletionParams(session.document, at(4, 26))
        )
        self.assertIn("web", [item.label for item in completion.items])
        completion = await client.text_document_completion_async(
            types.CompletionParams(session.document, at(6, 0))
        )
        self.assertLessEqual({"validate", "promote", "on failure", "watch"}, {i.label for i in completion.items})

        [place] = await client.text_document_definition_async(
            types.DefinitionParams(session.document, at(5, 1))
        )
        self.assertEqual(place.uri, (session.folder / "common.runbook").as_uri())
        self.assertEqual(place.range, span(0, 10, 15))

        symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(session.document))
        self.assertEqual([symbol.name for symbol in symbols], ["common.runbook", "soak"])

        target = await client.text_document_prepare_rename_async(
            types.PrepareRenameParams(session.document, at(4, 10))
        )
        self.assertEqual(target.placeholder, "soak")
        renamed = await client.text_document_rename_async(
            types.RenameParams(session.document, at(4, 10), new_name="hold")
        )
        self.assertEqual(
            [(edit.range, edit.new_text) for edit in renamed.changes[session.uri]],
            [(span(1, 6, 10), "hold"), (span(4, 9, 13), "hold")],
        )
        with self.assertRaisesRegex(JsonRpcException, "is a service"):
            await client.text_document_rename_async(
                types.RenameParams(session.document, at(4, 10), new_name="api")
            )

        [edit] = await client.text_document_formatting_async(
            types.DocumentFormattingParams(
                session.document, types.FormattingOptions(tab_size=2, insert_spaces=True)
            )
        )
        self.assertEqual(edit.range, types.Range(start=at(3, 0), end=at(4, 0)))
        self.assertEqual(edit.new_text, "validate staging api, web\n")

        session.change(3, types.TextDocumentContentChangeWholeDocument(text="promot api\n"))
        published = await session.diagnostics()
        self.assertEqual(len(published.diagnostics), 1)

        self.assertEqual(await session.end(), 0)
        self.assertIsNone(session.ended)

    async def test_utf8(self):
        session = await self.session((types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16))
        self.assertEqual(session.hello.capabilities.position_encoding, types.PositionEncodingKind.Utf8)
        await session.diagnostics()
        # Behind `# é😀` there are nine bytes and six UTF-16 units.
        session.change(2, types.TextDocumentContentChangePartial(text="x\npromot", range=span(2, 8, 8)))
        published = await session.diagnostics()
        self.assertIn(span(3, 0, 6), [d.range for d in published.diagnostics])
        self.assertEqual(await session.end(), 0)

    async def test_unknown_methods_and_early_exit(self):
        session = await self.session()
        with self.assertRaisesRegex(JsonRpcException, "not known"):
            await session.client.workspace_symbol_async(types.WorkspaceSymbolParams(query="x"))
        session.client.exit(None)
        await asyncio.wait_for(session.client._server.wait(), LIMIT)
        self.assertEqual(session.client._server.returncode, 1)
        await session.client.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
