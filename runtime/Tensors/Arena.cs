using GptGen.Checkpoints;

namespace GptGen.Tensors;

/// <summary>
/// One allocation of a device for one role, zeroed at birth. Offsets and counts are in elements; the device knows the element type.
/// Reads wait for the device to finish what was asked of it before. An arena may be disposed of while other threads use it: what is in use is not
/// freed, and their next call throws <see cref="ObjectDisposedException"/>.
/// </summary>
public abstract class Arena : IDisposable
{
    private int disposed;

    /// <summary>Describes an arena of <paramref name="elements"/> elements.</summary>
    protected Arena(Device device, BufferRole role, nint elements)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(elements);
        Device = device;
        Role = role;
        Elements = elements;
    }

    /// <summary>The device that it belongs to; no other can use it.</summary>
    public Device Device { get; }

    /// <summary>What the arena is for.</summary>
    public BufferRole Role { get; }

    /// <summary>Number of elements.</summary>
    public nint Elements { get; }

    /// <summary>Whether its integers come from a graph, which has checked them: no operator needs to look at them again.</summary>
    internal bool HoldsCheckedIndices { get; set; }

    internal bool IsDisposed => Volatile.Read(ref disposed) != 0;

    /// <summary>The place of element <paramref name="offset"/>.</summary>
    public Location At(nint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)offset, (nuint)Elements);
        return new(this, offset);
    }

    /// <summary>Copies f32 numbers to the device. Not for <see cref="BufferRole.Token"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie inside.</exception>
    /// <exception cref="ObjectDisposedException">The arena or its device is disposed of.</exception>
    public void Write(nint offset, ReadOnlySpan<float> values)
    {
        using var call = Begin(offset, values.Length, integers: false);
        WriteNumbers(offset, values);
    }

    /// <summary>Copies numbers from the device as f32. Not for <see cref="BufferRole.Token"/>.</summary>
    /// <inheritdoc cref="Write(nint, ReadOnlySpan{float})" path="/exception"/>
    public void Read(nint offset, Span<float> values)
    {
        using var call = Begin(offset, values.Length, integers: false);
        ReadNumbers(offset, values);
    }

    /// <summary>Copies 32-bit integers to the device. For <see cref="BufferRole.Token"/> only.</summary>
    /// <inheritdoc cref="Write(nint, ReadOnlySpan{float})" path="/exception"/>
    public void Write(nint offset, ReadOnlySpan<int> values)
    {
        using var call = Begin(offset, values.Length, integers: true);
        WriteIntegers(offset, values);
    }

    /// <summary>Copies 32-bit integers from the device. For <see cref="BufferRole.Token"/> only.</summary>
    /// <inheritdoc cref="Write(nint, ReadOnlySpan{float})" path="/exception"/>
    public void Read(nint offset, Span<int> values)
    {
        using var call = Begin(offset, values.Length, integers: true);
        ReadIntegers(offset, values);
    }

    /// <summary>Sets <paramref name="count"/> elements to zero.</summary>
    /// <inheritdoc cref="Write(nint, ReadOnlySpan{float})" path="/exception"/>
    public void Clear(nint offset, nint count)
    {
        using var call = Begin(offset, count, Role == BufferRole.Token);
        ClearElements(offset, count);
    }

    /// <summary>Frees the memory as soon as no call uses it, and returns then. Further calls do nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        Device.Calls.WaitForEarlier();
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Where elements are kept as files keep those of a type, so that they can be read to there; nothing where they are not.</summary>
    internal virtual Span<byte> Stored(nint offset, nint count, ElementType type) => default;

    /// <summary>Whether columns of a matrix can be set by themselves.</summary>
    internal virtual bool TakesColumns => false;

    /// <summary>
    /// Sets neighbouring columns of a matrix [rows, columns] at <paramref name="offset"/>; where elements lie in blocks, whole blocks of columns. To
    /// be asked within a call, and only of an arena that takes columns.
    /// </summary>
    /// <param name="offset">The matrix.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="first">The first of the columns to be set.</param>
    /// <param name="values">The columns, one behind the other.</param>
    internal virtual void WriteColumns(nint offset, int rows, int columns, int first, ReadOnlySpan<float> values) =>
        throw new NotSupportedException("This arena takes whole matrices.");

    /// <summary>The core of <c>Write</c>; what it is given lies inside.</summary>
    protected abstract void WriteNumbers(nint offset, ReadOnlySpan<float> values);

    /// <summary>The core of <c>Read</c>; what it is given lies inside.</summary>
    protected abstract void ReadNumbers(nint offset, Span<float> values);

    /// <summary>The core of <c>Write</c>; what it is given lies inside.</summary>
    protected abstract void WriteIntegers(nint offset, ReadOnlySpan<int> values);

    /// <summary>The core of <c>Read</c>; what it is given lies inside.</summary>
    protected abstract void ReadIntegers(nint offset, Span<int> values);

    /// <summary>The core of <see cref="Clear"/>; what it is given lies inside.</summary>
    protected abstract void ClearElements(nint offset, nint count);

    /// <summary>Frees the memory, which no call uses any more.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Refuses what was disposed of. To be asked within a call.</summary>
    internal void ThrowIfDisposed()
    {
        if (IsDisposed)
        {
            throw new ObjectDisposedException(
                nameof(Arena), $"This memory ({Role}) is disposed of, and so is the model, graph or optimiser that it belonged to.");
        }
    }

    private CallsInProgress.Call Begin(nint offset, nint count, bool integers)
    {
        if (integers != (Role == BufferRole.Token))
            throw new InvalidOperationException($"An arena of role {Role} holds {(integers ? "numbers, not integers" : "integers, not numbers")}.");
        if (offset < 0 || count < 0 || offset > Elements - count)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{count} elements at {offset} do not lie in an arena of {Elements}.");
        var call = Device.Begin(nameof(Arena));
        try
        {
            ThrowIfDisposed();
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }
}

/// <summary>A place in an arena. The default value is "none": an absent bias, a statistic that nobody needs.</summary>
public readonly struct Location
{
    private readonly Arena? arena;

    internal Location(Arena arena, nint offset)
    {
        this.arena = arena;
        Offset = offset;
    }

    /// <summary>Whether there is nothing here.</summary>
    public bool IsNone => arena is null;

    /// <summary>The arena; throws when <see cref="IsNone"/>.</summary>
    public Arena Arena => arena ?? throw new InvalidOperationException("An absent tensor was used.");

    /// <summary>Offset from the arena's beginning, in elements.</summary>
    public nint Offset { get; }

    /// <summary>The place <paramref name="elements"/> further on.</summary>
    public Location Plus(nint elements) => Arena.At(Offset + elements);
}
