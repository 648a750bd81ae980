/// The memory of a tape.
///
/// Invariant: `storage` is owned by this value alone (it cannot be copied) and holds `capacity` entries, of which
/// the first `count` are initialised; `append` makes room first, the subscript tests its index.
/// Gain: an array tests its uniqueness and its capacity at every append; without, parsing takes a third less.
@safe
struct JSONEntries: ~Copyable {
    private var storage: UnsafeMutablePointer<JSONEntry>?
    private(set) var capacity = 0
    private(set) var count = 0

    init() { unsafe storage = nil }

    deinit { unsafe storage?.deallocate() }

    mutating func removeAll() { count = 0 }

    @inline(__always)
    mutating func append(_ entry: JSONEntry) {
        if count == capacity { grow() }
        guard let storage = unsafe storage else { return }
        unsafe storage[count] = entry
        count &+= 1
    }

    @inline(never)
    private mutating func grow() {
        let size = max(capacity * 2, 64)
        let larger = UnsafeMutablePointer<JSONEntry>.allocate(capacity: size)
        if let storage = unsafe storage {
            unsafe larger.update(from: storage, count: count)
            unsafe storage.deallocate()
        }
        unsafe storage = larger
        capacity = size
    }

    subscript(index: Int) -> JSONEntry {
        @inline(__always) get {
            guard index >= 0, index < count, let storage = unsafe storage else { preconditionFailure("no such entry") }
            return unsafe storage[index]
        }
    }

    /// Says where a container ends; gives the one around it, -1 for none.
    @inline(__always)
    mutating func close(_ index: Int, at end: Int) -> Int {
        guard index >= 0, index < count, let storage = unsafe storage else { preconditionFailure("no such entry") }
        let around = unsafe Int(Int32(bitPattern: storage[index].next))
        unsafe storage[index].length = UInt32(truncatingIfNeeded: end) &- storage[index].offset
        unsafe storage[index].next = UInt32(truncatingIfNeeded: count)
        return around
    }

    var span: Span<JSONEntry> {
        @_lifetime(borrow self)
        get {
            let entries = unsafe UnsafeBufferPointer(start: UnsafePointer(storage), count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: entries), borrowing: self)
        }
    }
}
