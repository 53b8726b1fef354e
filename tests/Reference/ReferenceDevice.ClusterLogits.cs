namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape)
    {
        for (var row = 0; row < shape.Rows; row++)
        {
            var values = Numbers(logits.Plus((nint)row * shape.Stride), shape.Size);
            var logSumExp = LogSumExp(values);
            var prior = shape.Column < 0 ? 0 : Numbers(head.Plus((nint)row * shape.HeadStride), shape.Column + 1)[shape.Column];
            var tokens = shape.Size - shape.Columns;
            var output = Numbers(y.Plus(((nint)row * shape.VocabularyStride) + shape.First), tokens);
            for (var token = 0; token < tokens; token++)
                output[token] = values[shape.Columns + token] - logSumExp + prior;
            for (var column = 0; column < shape.Columns; column++)
                values[column] -= logSumExp;
        }
    }
}
