namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void CharacterConvolution(
        Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places,
        in CharacterShape shape)
    {
        var vectors = Numbers(table, (nint)shape.Characters * shape.Width);
        var weights = Numbers(filters, (nint)shape.Filters * shape.Window * shape.Width);
        var addends = Numbers(bias, shape.Filters);
        var kept = NumbersOrNone(places, (nint)shape.Rows * shape.Filters);
        for (var row = 0; row < shape.Rows; row++)
        {
            var word = Word(characters, row, shape);
            var features = Numbers(y.Start.Plus((nint)row * y.Stride), shape.Filters);
            for (var filter = 0; filter < shape.Filters; filter++)
            {
                var (largest, place) = (double.NegativeInfinity, 0);
                for (var start = 0; start + shape.Window <= shape.Length; start++)
                {
                    var sum = addends[filter];
                    for (var i = 0; i < shape.Window * shape.Width; i++)
                        sum += weights[filter * shape.Window * shape.Width + i] * vectors[Element(word, start, i, shape)];
                    if (sum > largest)
                        (largest, place) = (sum, start);
                }

                features[filter] = activation == Activation.Tanh ? Math.Tanh(largest) : Math.Max(largest, 0);
                if (!kept.IsEmpty)
                    kept[row * shape.Filters + filter] = place;
            }
        }
    }

    /// <inheritdoc/>
    protected override void CharacterConvolutionBackward(
        ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable,
        GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape)
    {
        var numbers = shape.Window * shape.Width;
        var vectors = Numbers(table, (nint)shape.Characters * shape.Width);
        var weights = Numbers(filters, (nint)shape.Filters * numbers);
        var kept = Numbers(places, (nint)shape.Rows * shape.Filters);
        var dVectors = Numbers(dTable, (nint)shape.StoredCharacters * shape.Width);
        var dWeights = Numbers(dFilters, (nint)shape.Filters * numbers);
        var dAddends = Numbers(dBias, shape.Filters);
        BeginGradient(dVectors, tableWrite);
        BeginGradient(dWeights, write);
        BeginGradient(dAddends, write);
        for (var row = 0; row < shape.Rows; row++)
        {
            var word = Word(characters, row, shape);
            var features = Numbers(y.Start.Plus((nint)row * y.Stride), shape.Filters);
            var dFeatures = Numbers(dy.Start.Plus((nint)row * dy.Stride), shape.Filters);
            for (var filter = 0; filter < shape.Filters; filter++)
            {
                var slope = activation == Activation.Tanh ? 1 - features[filter] * features[filter] : features[filter] > 0 ? 1 : 0;
                var gradient = dFeatures[filter] * slope;
                dAddends[filter] += gradient;
                for (var i = 0; i < numbers; i++)
                {
                    var element = Element(word, (int)kept[row * shape.Filters + filter], i, shape);
                    dWeights[filter * numbers + i] += gradient * vectors[element];
                    dVectors[element] += gradient * weights[filter * numbers + i];
                }
            }
        }
    }

    private static ReadOnlySpan<int> Word(Location characters, int row, in CharacterShape shape) =>
        Integers(characters.Plus((nint)row * shape.Length), shape.Length);

    /// <summary>Where in the table number <paramref name="i"/> of the window is that begins at <paramref name="start"/>.</summary>
    private static int Element(ReadOnlySpan<int> word, int start, int i, in CharacterShape shape) =>
        word[start + i / shape.Width] * shape.Width + i % shape.Width;
}
