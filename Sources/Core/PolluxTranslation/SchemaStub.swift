internal import PolluxJSON
enum SchemaForm { case jsonSchema; case openAPI(keepsAdditionalProperties: Bool) }
enum SchemaUse { case tool, responseFormat }
struct SchemaError: Error { var reason: String }
struct SchemaTranslator {
  var form: SchemaForm; var use: SchemaUse; var description: JSONNode?
  func write(_ schema: JSONNode, of json: borrowing JSONDocument, into writer: inout JSONWriter, path: @autoclosure () -> String, notes: inout NoteTaker) throws(SchemaError) { writer.copy(schema, of: json) }
}
func isEmptyParameters(_ schema: JSONNode, of json: borrowing JSONDocument) -> Bool { false }
