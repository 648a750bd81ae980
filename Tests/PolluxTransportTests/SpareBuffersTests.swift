import NIOCore
import Testing

@testable import PolluxTransport

@Suite("Memory of short bodies")
struct SpareBuffersTests {
    @Test("What is still held by others keeps its bytes, whoever takes the buffer next")
    func shared() {
        let buffers = SpareBuffers()
        var held: [ByteBuffer] = []
        for number in 0..<3 * SpareBuffers.maximumCount {
            var buffer = buffers.take(8)
            #expect(buffer.readableBytes == 0)
            buffer.writeInteger(number)
            buffers.giveBack(buffer)
            held.append(buffer)
        }
        #expect(held.map { $0.getInteger(at: $0.readerIndex, as: Int.self) } == (0..<held.count).map { $0 })
    }

    @Test("A buffer that nobody holds is used again, for what is longer, too")
    func usedAgain() {
        let buffers = SpareBuffers()
        var address = buffers.address()
        for _ in 0..<3 {
            let next = buffers.address()
            #expect(next == address)
            address = next
        }
        var longer = buffers.take(1000)
        longer.writeRepeatingByte(0, count: 1000)
        #expect(longer.readableBytes == 1000)
    }

    @Test("What is large is not kept")
    func large() {
        let buffers = SpareBuffers()
        buffers.giveBack(buffers.take(SpareBuffers.maximumBytes + 1))
        #expect(buffers.take(1).capacity < SpareBuffers.maximumBytes)
    }

    @Test("A head stands before the body, however long it is, and leaves the body as it was")
    func heads() {
        let buffers = SpareBuffers()
        for count in [1, 400, UpstreamBody.headroom, 3 * UpstreamBody.headroom] {
            var body = UpstreamBody(copying: Array("body".utf8).span, buffers: buffers)
            body.append(ByteBuffer(string: "rest"))
            let head = [UInt8](repeating: 0x61, count: count)
            for _ in 0..<2 {
                let address = UpstreamAddress(isSecure: false, host: "a")
                let sent = UpstreamRequest(address: address, head: head.span, body: &body).headAndBody
                #expect(sent.head == head)
                #expect(sent.body == Array("bodyrest".utf8))
            }
        }
    }
}

extension SpareBuffers {
    /// Where a buffer that is taken and given back has its bytes.
    fileprivate func address() -> UInt {
        var buffer = take(100)
        buffer.writeInteger(0)
        let address = unsafe buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        giveBack(buffer)
        return address
    }
}
