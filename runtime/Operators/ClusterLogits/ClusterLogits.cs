namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Log probabilities, among all tokens, of those in one cluster of a vocabulary (adaptive softmax, Grave et al. 2017):
    /// y[r, first + j] = logits[r, columns + j] - log sum exp(logits[r]) + head[r, column]; nothing is added where <paramref name="column"/> is
    /// negative. The first <paramref name="columns"/> of the logits, which in the head stand for the other clusters, become log probabilities in
    /// their place, so that the head's call comes before those of the clusters.
    /// </summary>
    /// <exception cref="ArgumentException">A column or place is out of range.</exception>
    public void ClusterLogProbabilities<TCluster, THead, TVocabulary>(
        Rows<TCluster> logits, Rows<THead> head, int column, int columns, Rows<TVocabulary> y, int first)
        where TCluster : struct, IDimension
        where THead : struct, IDimension
        where TVocabulary : struct, IDimension
    {
        using var call = Begin();
        NeedStored(logits, y.Count);
        NeedStored(head, y.Count);
        NeedStored(y, y.Count);
        // Also the columns of other clusters have room among the tokens, of which each cluster has one at least.
        if (column >= THead.Size || columns < 0 || columns > TCluster.Size || first < 0 || first > TVocabulary.Size - TCluster.Size)
        {
            throw new ArgumentException(
                $"{TCluster.Size - columns} tokens from {first} on, under column {column}, are none of {TVocabulary.Size} with {THead.Size} columns "
                + "of a head.");
        }

        ClusterLogProbabilities(
            logits.Start, head.Start, y.Start,
            new(y.Count, TCluster.Size, TCluster.Stored, columns, column, THead.Stored, first, TVocabulary.Stored));
    }

    /// <summary>The untyped core of <c>ClusterLogProbabilities</c>.</summary>
    protected abstract void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape);
}

/// <summary>The sizes of a cluster's logits.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Size">Columns of its softmax.</param>
/// <param name="Stride">Elements from one row of its logits to the next.</param>
/// <param name="Columns">Columns that stand for other clusters.</param>
/// <param name="Column">The head's column that stands for it; negative for the head itself.</param>
/// <param name="HeadStride">Elements from one row of the head's logits to the next.</param>
/// <param name="First">Its first token.</param>
/// <param name="VocabularyStride">Elements from one row of all tokens to the next.</param>
public readonly record struct ClusterShape(
    int Rows, int Size, int Stride, int Columns, int Column, int HeadStride, int First, int VocabularyStride);
