using GptGen.RandomNumbers;

namespace GptGen.Cuda;

/// <summary>A dropout site as kernels take it (DROPOUT_PARAMETERS of <c>random.cuh</c>).</summary>
internal readonly struct DropoutArguments
{
    /// <summary>Reads a site; without dropout nothing but <see cref="Active"/> counts.</summary>
    public DropoutArguments(DropoutSite site)
    {
        Scale = 1;
        if (!site.IsActive)
            return;
        RandomStream words = site.Words;
        Active = 1;
        Key = words.Key;
        Place = words.Place | (ulong)words.Variant << 32;
        Threshold = site.Threshold;
        Scale = site.Scale;
    }

    /// <summary>1 where elements are dropped, otherwise 0: a parameter of kernel templates.</summary>
    public int Active { get; }

    /// <summary>Philox's key.</summary>
    public ulong Key { get; }

    /// <summary>Words 2 (low half) and 3 of its counter.</summary>
    public ulong Place { get; }

    /// <summary>Elements whose word lies below are dropped.</summary>
    public uint Threshold { get; }

    /// <summary>What kept elements are multiplied with.</summary>
    public float Scale { get; }
}
