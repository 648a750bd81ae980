internal import PolluxGeminiWire
internal import PolluxJSON

/// Pictures and sound of one choice, each piece in a chunk of its own.
extension StreamChoice {
    mutating func writeMedia(
        _ data: JSONNode, of json: borrowing JSONDocument, _ chunk: inout ChunkWriter,
        identifiers: inout IdentifierSource, created: Int, into writer: inout JSONWriter
    ) {
        endSegment(&chunk, into: &writer)
        flushCalls(&chunk, into: &writer)
        closeTag(&chunk, into: &writer)
        if MediaAnswer.isAudio(data, of: json), !hasImageInAudio {
            audio.append(data, of: json)
            let base64 = audio.nextBase64(isLast: false)
            let isFirst = audioID == nil
            let id = audioID ?? "audio_" + identifiers.hexadecimal(24)
            audioID = id
            if base64.isEmpty, !isFirst { return }
            chunk.begin(into: &writer)
            writer.key("audio")
            writer.beginObject()
            writer.key("data")
            writer.string(utf8: base64.span)
            if isFirst {
                if let encoding = audio.encoding { writer.writeEncoding(encoding) }
                writer.key("id")
                writer.string(text: id)
            }
            writer.endObject()
            writeRole(into: &writer)
            return chunk.end(into: &writer)
        }
        chunk.begin(into: &writer)
        if !hasImageInAudio, audioID == nil, plan.showsImagesAsAudio {
            hasImageInAudio = true
            writer.key("audio")
            writer.writeImageAsAudio(data, id: "audio_" + identifiers.hexadecimal(24), created: created, of: json)
        }
        finishImage(.inline(data), of: json, &chunk, into: &writer)
    }

    mutating func writeImage(
        _ image: MediaAnswer.Image, of json: borrowing JSONDocument, _ chunk: inout ChunkWriter,
        into writer: inout JSONWriter
    ) {
        endSegment(&chunk, into: &writer)
        chunk.begin(into: &writer)
        finishImage(image, of: json, &chunk, into: &writer)
    }

    private mutating func finishImage(
        _ image: MediaAnswer.Image, of json: borrowing JSONDocument, _ chunk: inout ChunkWriter,
        into writer: inout JSONWriter
    ) {
        writer.key("images")
        writer.beginArray()
        writer.writeImage(image, index: images, of: json)
        writer.endArray()
        images += 1
        writeRole(into: &writer)
        chunk.end(into: &writer)
    }
}
