import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import { tags } from "@lezer/highlight";
import { completeJob } from "./complete";
import * as store from "./store";

const kColours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--quiet)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.content], color: "var(--text)" },
  { tag: tags.punctuation, color: "var(--quiet)" },
]);

function diagnostics(state: EditorState): Diagnostic[] {
  return (store.report.value?.problems ?? []).map((problem) => {
    const line = state.doc.line(Math.max(1, Math.min(state.doc.lines, problem.line)));
    return {
      from: line.from,
      to: line.to,
      severity: "error",
      message: (problem.key ? `${problem.key}: ` : "") + problem.message,
    };
  });
}

/** The job's YAML. What is typed here and what is set elsewhere are the same text. */
export function Text() {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  useEffect(() => {
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: store.job.value?.text ?? "",
        extensions: [
          lineNumbers(),
          history(),
          yaml(),
          lintGutter(),
          syntaxHighlighting(kColours),
          autocompletion({ override: [completeJob] }),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "The job as YAML" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) store.edit(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  const text = store.job.value?.text ?? "";
  const report = store.report.value;
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const shown = editor.state.doc.toString();
    const now = store.job.value?.text ?? ""; // by now a quick hand may have typed more than `text`
    if (shown !== now) editor.dispatch({ changes: { from: 0, to: shown.length, insert: now } });
    editor.dispatch(setDiagnostics(editor.state, diagnostics(editor.state)));
  }, [text, report]);
  return (
    <>
      <div class="editor" ref={place} />
      <ul class="problems" aria-label="Problems">
        {report?.problems.map((problem) => (
          <li key={problem.place + problem.key + problem.message}>
            <button
              class="plain"
              onClick={() => {
                const editor = view.current;
                if (!editor || problem.line < 1 || problem.line > editor.state.doc.lines) return;
                editor.dispatch({ selection: { anchor: editor.state.doc.line(problem.line).from }, scrollIntoView: true });
                editor.focus();
              }}
            >
              {problem.line > 0 && <span class="line">line {problem.line}</span>} {problem.key && <b>{problem.key}</b>}{" "}
              {problem.message}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
