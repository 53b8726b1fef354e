using System.Globalization;
using GptGen.Peer;

if (args is ["serve", var side, var work, var count])
    return Worker.Serve(side, work, int.Parse(count, CultureInfo.InvariantCulture));
return Duel.Run(args);
