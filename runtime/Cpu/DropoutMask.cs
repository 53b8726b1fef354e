using System.Runtime.Intrinsics;
using GptGen.RandomNumbers;

namespace GptGen.Cpu;

/// <summary>Draws the mask of one dropout site, a block at a time, and applies it.</summary>
internal readonly unsafe struct DropoutMask(DropoutSite site)
{
    /// <summary>Elements whose words are drawn at once.</summary>
    public const int Block = 256;

    private readonly RandomStream words = site.IsActive ? site.Words : default;
    private readonly uint threshold = site.Threshold;
    private readonly float scale = site.Scale;

    /// <summary>Whether anything is dropped.</summary>
    public bool IsActive { get; } = site.IsActive;

    /// <summary>
    /// destination[i] = source[i] x scale, or 0 where element <paramref name="first"/> + i is dropped. Both may be the same memory.
    /// </summary>
    public void Apply(float* source, float* destination, nint first, nint count)
    {
        uint* drawn = stackalloc uint[Block];
        for (nint start = 0; start < count; start += Block)
        {
            int length = (int)Math.Min(Block, count - start);
            words.Fill((ulong)(first + start), new Span<uint>(drawn, length));
            Select(drawn, source + start, destination + start, length);
        }
    }

    private void Select(uint* drawn, float* source, float* destination, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> kept = Vector256.GreaterThanOrEqual(Vector256.Load(drawn + i), Vector256.Create(threshold)).AsSingle();
            Vector256.ConditionalSelect(kept, Vector256.Load(source + i) * scale, Vector256<float>.Zero).Store(destination + i);
        }

        for (; i < count; i++)
            destination[i] = drawn[i] >= threshold ? source[i] * scale : 0f;
    }
}
