namespace GptGen.Generator; internal static class Placeholder { }
