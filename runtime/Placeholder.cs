namespace GptGen; internal static class Placeholder;
