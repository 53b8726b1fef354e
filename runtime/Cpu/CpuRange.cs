using System.Runtime.InteropServices;

namespace GptGen.Cpu;

/// <summary>A run of floats that may be longer than a span.</summary>
internal readonly unsafe struct CpuRange(float* start, nint count)
{
    /// <summary>Sets all to zero.</summary>
    public void Clear() => NativeMemory.Clear(start, (nuint)count * sizeof(float));

    /// <summary>Sets all to a number.</summary>
    public void Fill(float value)
    {
        if (BitConverter.SingleToInt32Bits(value) == 0)
        {
            Clear();
            return;
        }

        for (nint done = 0; done < count; done += int.MaxValue)
            new Span<float>(start + done, (int)Math.Min(count - done, int.MaxValue)).Fill(value);
    }

    /// <summary>Copies <paramref name="count"/> floats to other memory.</summary>
    public static void Copy(float* source, float* destination, nint count) =>
        NativeMemory.Copy(source, destination, (nuint)count * sizeof(float));
}
