using System.Runtime.InteropServices;

namespace GptGen.Checkpoints;

/// <summary>Looks through the numbers of tensors, part by part.</summary>
internal static class TensorContents
{
    private const int Chunk = 1 << 14;

    /// <summary>Whether two tensors have the same shape and numbers.</summary>
    internal static bool AreSame((ITensorFile File, SafetensorsTensor Tensor) a, (ITensorFile File, SafetensorsTensor Tensor) b)
    {
        if (!a.Tensor.Shape.SequenceEqual(b.Tensor.Shape) || a.Tensor.Element is null || b.Tensor.Element is null)
            return false;
        var left = new float[Chunk];
        var right = new float[Chunk];
        for (long done = 0; done < a.Tensor.Count; done += Chunk)
        {
            var count = (int)Math.Min(Chunk, a.Tensor.Count - done);
            a.File.Read(a.Tensor, done, left.AsSpan(0, count));
            b.File.Read(b.Tensor, done, right.AsSpan(0, count));
            // By bits, so that a NaN equals itself.
            if (!MemoryMarshal.AsBytes(left.AsSpan(0, count)).SequenceEqual(MemoryMarshal.AsBytes(right.AsSpan(0, count))))
                return false;
        }

        return true;
    }

    /// <summary>Whether all numbers are zero.</summary>
    internal static bool AreZero(ITensorFile file, SafetensorsTensor tensor)
    {
        if (tensor.Element is null)
            return false;
        var values = new float[(int)Math.Min(Chunk, tensor.Count)];
        for (long done = 0; done < tensor.Count; done += Chunk)
        {
            var part = values.AsSpan(0, (int)Math.Min(Chunk, tensor.Count - done));
            file.Read(tensor, done, part);
            if (part.ContainsAnyExcept(0f))
                return false;
        }

        return true;
    }
}
