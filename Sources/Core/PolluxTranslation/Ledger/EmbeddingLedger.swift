/// What becomes of every field of an embeddings request.
public enum EmbeddingLedger {
    /// The table as a part of the document on parameters.
    static func markdown() -> String {
        var text = """

            ## Embeddings

            The same for a request of `/embeddings`.

            | field | fate | where it goes, or why it goes nowhere | rules |
            | --- | --- | --- | --- |

            """
        for row in rows { text += "| `\(row.path)` | \(row.fate.rawValue) | \(row.remark) | \(row.rules) |\n" }
        return text
    }

    public static let rows: [ParameterLedger.Row] = [
        .init(
            path: "input", fate: .translated,
            remark: "one content or instance for each text; arrays of tokens are a 400", rules: "EMB-001"
        ),
        .init(
            path: "model", fate: .translated, remark: "the upstream's path and method",
            rules: "MOD-001, EMB-003…005"
        ),
        .init(
            path: "encoding_format", fate: .translated,
            remark: "how the answer's vectors are written: float (default) or base64", rules: "EMB-006"
        ),
        .init(path: "dimensions", fate: .translated, remark: "outputDimensionality", rules: "EMB-002"),
        .init(path: "user", fate: .ignored, remark: "Gemini has no such field", rules: "REQ-026"),
        .init(
            path: "extra_body", fate: .translated, remark: "its members google and pollux are read", rules: "REQ-029"
        ),
        .init(path: "google", fate: .translated, remark: "as extra_body.google, which wins", rules: "REQ-030"),
        .init(path: "pollux", fate: .translated, remark: "as extra_body.pollux", rules: "REQ-029"),
        .init(
            path: "extra_body.google.task_type", fate: .translated, remark: "taskType, in capitals", rules: "EMB-002"
        ),
        .init(path: "extra_body.google.title", fate: .translated, remark: "title", rules: "EMB-002"),
        .init(
            path: "extra_body.google.auto_truncate", fate: .translated,
            remark: "autoTruncate, on Vertex AI; the Developer API does not know it", rules: "EMB-002"
        ),
    ]
}
