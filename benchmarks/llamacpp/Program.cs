using System.Globalization;
using GptGen.Benchmarks.LlamaCpp;

var (threads, rounds) = (2, 16);
List<string> types = [];
foreach (var argument in args)
{
    if (argument.StartsWith("threads=", StringComparison.Ordinal))
        threads = int.Parse(argument.AsSpan(8), CultureInfo.InvariantCulture);
    else if (argument.StartsWith("rounds=", StringComparison.Ordinal))
        rounds = int.Parse(argument.AsSpan(7), CultureInfo.InvariantCulture);
    else if (DecodingDuel.Types.Contains(argument))
        types.Add(argument);
    else
        return Usage(argument);
}

DecodingDuel.Run(threads, rounds, types.Count > 0 ? types : DecodingDuel.Types);
return 0;

static int Usage(string argument)
{
    Console.Error.WriteLine($"'{argument}' is not known.");
    Console.Error.WriteLine($"usage: llamacpp [threads=N] [rounds=N] [{string.Join("|", DecodingDuel.Types)}]…");
    return 1;
}
