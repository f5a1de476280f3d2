using System.Numerics;

namespace Enrichment.Drift;

/// <summary>A set of answers by their numbers, so that an answer in which a place occurs many times counts once.</summary>
internal sealed class AnswerMarks
{
    private const int Bits = 64;

    private ulong[] words = [];

    public int Count => words.Sum(BitOperations.PopCount);

    public void Add(int answer)
    {
        Grow((answer / Bits) + 1);
        words[answer / Bits] |= 1UL << (answer % Bits);
    }

    public void Add(AnswerMarks others)
    {
        Grow(others.words.Length);
        for (var word = 0; word < others.words.Length; word++)
        {
            words[word] |= others.words[word];
        }
    }

    private void Grow(int length)
    {
        if (words.Length < length)
        {
            Array.Resize(ref words, length);
        }
    }
}
