using System.Globalization;
using GptGen.Benchmarks.Tokenizers;

var runs = 5;
foreach (var argument in args)
{
    if (!argument.StartsWith("runs=", StringComparison.Ordinal)
        || !int.TryParse(argument.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out runs)
        || runs < 1)
    {
        Console.Error.WriteLine($"'{argument}' is not known.\nusage: tokenizers [runs=N]");
        return 1;
    }
}

return TokenizerContest.Run(runs);
