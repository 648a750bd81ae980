public import PolluxJSON

/// A model as `GET /models` shows it.
public struct Model: Sendable, Hashable {
    /// The name by which a client may ask for it.
    public var id: String
    public var ownedBy: String
    /// Unix seconds; 0 when nobody knows.
    public var created: Int

    public init(id: String, ownedBy: String, created: Int = 0) {
        self.id = id
        self.ownedBy = ownedBy
        self.created = created
    }

    /// Writes `{"created":…,"id":…,"object":"model","owned_by":…}`.
    public func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("created", created)
        writer.member("id", id)
        writer.key("object")
        writer.string("model")
        writer.member("owned_by", ownedBy)
        writer.endObject()
    }

    /// Writes `{"data":[…],"object":"list"}`.
    public static func write(_ models: [Model], into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for model in models { model.write(into: &writer) }
        writer.endArray()
        writer.key("object")
        writer.string("list")
        writer.endObject()
    }
}
