namespace VecSQL.Text.Analysis;

/// <summary>Cuts English words down to what their forms have in common: "connected" and "connections" to "connect".</summary>
/// <remarks>
/// Source: M. F. Porter's description of the English (Porter2) stemming algorithm, snowballstem.org. A region is what follows the
/// first consonant that follows a vowel; the second region is the region of the region. Letters outside a to z are consonants.
/// </remarks>
internal ref struct EnglishStemmer
{
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["skis"] = "ski", ["skies"] = "sky", ["dying"] = "die", ["lying"] = "lie", ["tying"] = "tie", ["idly"] = "idl",
        ["gently"] = "gentl", ["ugly"] = "ugli", ["early"] = "earli", ["only"] = "onli", ["singly"] = "singl", ["sky"] = "sky",
        ["news"] = "news", ["howe"] = "howe", ["atlas"] = "atlas", ["cosmos"] = "cosmos", ["bias"] = "bias", ["andes"] = "andes",
    };

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> ExceptionOf =
        Exceptions.GetAlternateLookup<ReadOnlySpan<char>>();

    // By the letter before the last; the longest that fits counts, so longer ones come first.
    private static readonly (string Suffix, string Stem)[] SecondStep =
    [
        ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ousness", "ous"), ("biliti", "ble"),
        ("lessli", "less"), ("tional", "tion"), ("alism", "al"), ("aliti", "al"), ("ation", "ate"), ("entli", "ent"),
        ("fulli", "ful"), ("iviti", "ive"), ("ousli", "ous"), ("abli", "able"), ("alli", "al"), ("anci", "ance"), ("ator", "ate"),
        ("enci", "ence"), ("izer", "ize"), ("bli", "ble"), ("ogi", "og"), ("li", ""),
    ];

    private static readonly (string Suffix, string Stem)[] ThirdStep =
    [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("ative", ""), ("icate", "ic"), ("iciti", "ic"), ("ical", "ic"),
        ("ness", ""), ("ful", ""),
    ];

    private static readonly string[] FourthStep =
    [
        "ement", "able", "ance", "ence", "ible", "ment", "ant", "ate", "ent", "ion", "ism", "iti", "ive", "ize", "ous", "al", "er",
        "ic",
    ];

    private readonly Span<char> _word;
    private int _length;
    private int _first;  // where the first region begins
    private int _second; // where the second begins

    private EnglishStemmer(Span<char> word, int length)
    {
        _word = word;
        _length = length;
        (_first, _second) = (length, length);
    }

    /// <summary>Stems a word in its place.</summary>
    /// <param name="word">Room for one letter more than the word has.</param>
    /// <param name="length">Letters of the word, in lower case.</param>
    /// <returns>How many letters are left.</returns>
    internal static int Stem(Span<char> word, int length)
    {
        if (length <= 2)
            return length;
        if (ExceptionOf.TryGetValue(word[..length], out string? known))
        {
            known.CopyTo(word);
            return known.Length;
        }
        EnglishStemmer stemmer = new(word, length);
        stemmer.Run();
        return stemmer._length;
    }

    private void Run()
    {
        if (_word[0] == '\'')
        {
            _word[1.._length].CopyTo(_word);
            _length--;
        }
        bool hasConsonantY = MarkConsonantY();
        FindRegions();
        EndApostrophe();
        EndPlural();
        if (!(_word[.._length] is "inning" or "outing" or "canning" or "herring" or "earring" or "proceed" or "exceed" or "succeed"))
        {
            EndPast();
            if (_length > 2 && _word[_length - 1] is 'y' or 'Y' && !IsVowel(_length - 2))
                _word[_length - 1] = 'i';
            RunSecondStep();
            RunThirdStep();
            RunFourthStep();
            EndLast();
        }
        if (hasConsonantY)
            _word[.._length].Replace('Y', 'y');
    }

    // A y that begins a word or follows a vowel is a consonant, and stands in upper case meanwhile.
    private readonly bool MarkConsonantY()
    {
        bool isFound = false;
        for (int i = 0; i < _length; i++)
        {
            if (_word[i] == 'y' && (i == 0 || IsVowel(i - 1)))
            {
                _word[i] = 'Y';
                isFound = true;
            }
        }
        return isFound;
    }

    private void FindRegions()
    {
        ReadOnlySpan<char> word = _word[.._length];
        _first = word.StartsWith("gener") || word.StartsWith("arsen") ? 5
            : word.StartsWith("commun") ? 6
            : RegionAfter(0);
        _second = RegionAfter(_first);
    }

    private readonly int RegionAfter(int start)
    {
        int i = start;
        while (i < _length && !IsVowel(i))
            i++;
        while (i < _length && IsVowel(i))
            i++;
        return Math.Min(i + 1, _length);
    }

    private readonly bool IsVowel(int at) => _word[at] is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    private readonly bool HasVowel(int end)
    {
        for (int i = 0; i < end; i++)
        {
            if (IsVowel(i))
                return true;
        }
        return false;
    }

    private readonly bool Ends(ReadOnlySpan<char> suffix) => _word[.._length].EndsWith(suffix);

    private void Replace(int suffixLength, ReadOnlySpan<char> stem)
    {
        stem.CopyTo(_word[(_length - suffixLength)..]);
        _length += stem.Length - suffixLength;
    }

    private void EndApostrophe()
    {
        if (Ends("'s'"))
            _length -= 3;
        else if (Ends("'s"))
            _length -= 2;
        else if (Ends("'"))
            _length--;
    }

    private void EndPlural()
    {
        if (Ends("sses"))
            _length -= 2;
        else if (Ends("ied") || Ends("ies"))
            _length -= _length > 4 ? 2 : 1;
        else if (_length > 1 && _word[_length - 1] == 's' && _word[_length - 2] is not ('s' or 'u') && HasVowel(_length - 2))
            _length--;
    }

    private void EndPast()
    {
        int eed = Ends("eedly") ? 5 : Ends("eed") ? 3 : 0;
        if (eed > 0)
        {
            if (_length - eed >= _first)
                Replace(eed, "ee");
            return;
        }
        int suffix = Ends("ingly") ? 5 : Ends("edly") ? 4 : Ends("ing") ? 3 : Ends("ed") ? 2 : 0;
        if (suffix == 0 || !HasVowel(_length - suffix))
            return;
        _length -= suffix;
        if (Ends("at") || Ends("bl") || Ends("iz"))
            _word[_length++] = 'e';
        else if (_length > 1 && _word[_length - 1] == _word[_length - 2] && "bdfgmnprt".Contains(_word[_length - 1]))
            _length--;
        else if (_first >= _length && EndsShort(_length))
            _word[_length++] = 'e';
    }

    // A vowel between consonants, the last of which is not w, x or a consonant y; or a vowel that begins the word, and a consonant.
    private readonly bool EndsShort(int end) => end switch
    {
        < 2 => false,
        2 => IsVowel(0) && !IsVowel(1),
        _ => !IsVowel(end - 1) && _word[end - 1] is not ('w' or 'x' or 'Y') && IsVowel(end - 2) && !IsVowel(end - 3),
    };

    private void RunSecondStep()
    {
        foreach ((string suffix, string stem) in SecondStep)
        {
            if (!Ends(suffix))
                continue;
            int start = _length - suffix.Length;
            bool applies = start >= _first && suffix switch
            {
                "ogi" => start > 0 && _word[start - 1] == 'l',
                "li" => start > 0 && "cdeghkmnrt".Contains(_word[start - 1]),
                _ => true,
            };
            if (applies)
                Replace(suffix.Length, stem);
            return;
        }
    }

    private void RunThirdStep()
    {
        foreach ((string suffix, string stem) in ThirdStep)
        {
            if (!Ends(suffix))
                continue;
            int start = _length - suffix.Length;
            if (start >= (suffix == "ative" ? _second : _first))
                Replace(suffix.Length, stem);
            return;
        }
    }

    private void RunFourthStep()
    {
        foreach (string suffix in FourthStep)
        {
            if (!Ends(suffix))
                continue;
            int start = _length - suffix.Length;
            if (start >= _second && (suffix != "ion" || (start > 0 && _word[start - 1] is 's' or 't')))
                _length = start;
            return;
        }
    }

    private void EndLast()
    {
        int last = _length - 1;
        if (last < 0)
            return;
        bool isDropped = _word[last] switch
        {
            'e' => last >= _second || (last >= _first && !EndsShort(last)),
            'l' => last >= _second && last > 0 && _word[last - 1] == 'l',
            _ => false,
        };
        if (isDropped)
            _length--;
    }
}
