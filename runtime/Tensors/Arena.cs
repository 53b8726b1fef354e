namespace GptGen;

/// <summary>
/// One allocation of a device for one role, zeroed at birth. Offsets and counts are in elements; the device knows the element type.
/// Reads wait for the device to finish what was asked of it before.
/// </summary>
public abstract class Arena : IDisposable
{
    /// <summary>Describes an arena of <paramref name="elements"/> elements.</summary>
    protected Arena(BufferRole role, nint elements)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elements);
        Role = role;
        Elements = elements;
    }

    /// <summary>What the arena is for.</summary>
    public BufferRole Role { get; }

    /// <summary>Number of elements.</summary>
    public nint Elements { get; }

    /// <summary>The place of element <paramref name="offset"/>.</summary>
    public Location At(nint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)offset, (nuint)Elements);
        return new(this, offset);
    }

    /// <summary>Copies f32 numbers to the device. Not for <see cref="BufferRole.Token"/>.</summary>
    public abstract void Write(nint offset, ReadOnlySpan<float> values);

    /// <summary>Copies numbers from the device as f32. Not for <see cref="BufferRole.Token"/>.</summary>
    public abstract void Read(nint offset, Span<float> values);

    /// <summary>Copies 32-bit integers to the device. For <see cref="BufferRole.Token"/> only.</summary>
    public abstract void Write(nint offset, ReadOnlySpan<int> values);

    /// <summary>Copies 32-bit integers from the device. For <see cref="BufferRole.Token"/> only.</summary>
    public abstract void Read(nint offset, Span<int> values);

    /// <summary>Sets <paramref name="count"/> elements to zero.</summary>
    public abstract void Clear(nint offset, nint count);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Throws unless <paramref name="count"/> elements from <paramref name="offset"/> lie inside.</summary>
    protected void CheckRange(nint offset, nint count)
    {
        if (offset < 0 || count < 0 || offset > Elements - count)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{count} elements at {offset} do not lie in an arena of {Elements}.");
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
