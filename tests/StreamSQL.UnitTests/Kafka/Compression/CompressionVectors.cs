using System.Text;

namespace StreamSQL.UnitTests.Kafka.Compression;

/// <summary>Data compressed by the formats' own tools (lz4 1.9.4, zstd 1.5.4, gzip), and the text that it holds.</summary>
internal static class CompressionVectors
{
    /// <summary>20 lines.</summary>
    public static readonly byte[] Small = Lines(20, 1);

    /// <summary>40 lines, 60 times: more than one block of 64 KiB.</summary>
    public static readonly byte[] Large = Lines(40, 60);

    /// <summary>900 words in random order, each with a digit.</summary>
    public static readonly byte[] Words = RandomWords(900);

    /// <summary><c>lz4 -c small</c></summary>
    public const string Lz4Small =
        "BCJNGGRApwkBAADxEWxpbmUgMCBzYXlzIDAsIGFuZCAwIG1vcmUgd29yZHMKIAASMSAAEjEgAB0xIAASMiAAEjQgAB0yIAASMyAAEjkgAB0zIA"
        + "ASNCAAIjE2IQAdNCEAEjUhACIyNSEAHTUhABI2IQATM0IAHTYhABI3IQATNIQADuQAEjghABM2xQAO5QASOSEAEzgGAQ7mABMxRwEjMTBJAQ7p"
        + "ABQxSgETMkYADusAEzFNASMxNIoADu0AEzFQASMxNs4ADu8AFDFTARM5EgEO8QAUMVUBBFYBDvMAEzFXASMyNUYAD/UAAANZASMyOIwAD/UAAA"
        + "NbASMzMtIAD/UAAANdASMzNhgBBPUAUG9yZHMKAAAAAIJP0FA=";

    /// <summary><c>lz4 -c -9 -B4 -BD -BX big</c></summary>
    public const string Lz4LinkedBlocksWithChecksums =
        "BCJNGFRArrwCAADxEWxpbmUgMCBzYXlzIDAsIGFuZCAwIG1vcmUgd29yZHMKIAASMSAAEjEgAB0xIAASMiAAEjQgAB0yIAASMyAAEjkgAB0zIA"
        + "ATNGAAEjYhAB00IQASNSEAIjI1IQAdNSEAEjYhABMzQgAdNiEAEzejAB855AAFEjghAC82NOUABRI5IQAvODHmAAUTMUcBPzEwMOkABRQxSgEv"
        + "MjHrAAUTMU0BPzE0NO0ABSQxMzABHznvAAUUMVMBLzk21QEGBFUBLzI18wAFJDE2eAEfNvUABgNZAS8yON4BBhMxWwE/MzI09QAGFDnAAR8x9Q"
        + "AFEzJeAT80MDD1AAUTMl4BPzQ0MfUABRQyqwIfOOgBBhMyXgE/NTI59QAFEzJeAT81Nzb1AAUTMl4BPzYyNfUABRMyXgE/Njc29QAGA14BPzcy"
        + "OfUABgNeAT83ODT1AAYEuwIfNMIDBhMzXgE/OTAwxQMGA14BPzk2MfUABRQzXgEfN/QABRQzuwIvMTL0AAUUM7sCHzf0AAYUM7sCLzQ49AAFFD"
        + "MSBC8xOfQABgNdAT8zOTL0AAYDXQE/NDY39AAGA10BLzU03gIBD18F////////////////////////////////////////////////////////"
        + "//////////////////////////////////////////////////////////////////////////////////////////////////////////////"
        + "//////////////////////////////////////////////////////////////////////////////////////////////////////////////"
        + "//////////////////////////////////////////////////////////+EUGQgNSBtNsrKtkwAAAAPXwX///////////////////////////"
        + "////////////////////////////////////////////////////////////9uUG9yZHMKtjUvaAAAAAAnoOKP";

    /// <summary><c>lz4 -c -12 -B4 -BI --content-size big</c></summary>
    public const string Lz4IndependentBlocksWithSize =
        "BCJNGGxAREIBAAAAAACsvAIAAPERbGluZSAwIHNheXMgMCwgYW5kIDAgbW9yZSB3b3JkcwogABIxIAASMSAAHTEgABIyIAASNCAAHTIgABIzIA"
        + "ASOSAAHTMgABM0YAASNiEAHTQhABI1IQAiMjUhAB01IQASNiEAEzNCAB02IQATN6MAHznkAAUSOCEALzY05QAFEjkhAC84MeYABSMxMMcALzAw"
        + "6QAFFDFKAS8yMesABSMxMiMALzQ07QAFJDEzMAEfOe8ABRQxUwEvOTbVAQYEVQEEVgEeMSMAFDZ4AR829QAGEzcjAC84OfUABhM4nQEvMjT1AA"
        + "YUOcABHzH1AAUjMjDCAQReAR42IwATMSMALzQx9QAFFDKrAi84NM0CBgNeAT81Mjn1AAUjMjQjAC83NvUABSMyNVACBF4BHjQjABM2IwAvNzb1"
        + "AAYDXgE/NzI59QAGEzgjAC84NPUABgS7Ah80wgMGIzMwowMvMDDFAwYTMSMABKQBHjMjAAReAR839AAFFDO7Ai8xMvQABRQzuwIfN/QABhQzuw"
        + "IvNDj0AAUUMxIELzE59AAGEzcjAC85MvQABhM40QAvNjf0AAYTOQwCHzTeAgUPXwX/////////////////////////////////////////////"
        + "//////////////////////////////////////////////////////////////////////////////////////////////////////////////"
        + "//////////////////////////////////////////////////////////////////////////////////////////////////////////////"
        + "/////////////////////////////////////////////////////////////////////4BQZCA1IG34AQAA/BRvcmUgd29yZHMKbGluZSAyNy"
        + "BzYXlzIDcyOSwgYW5kIDYgbSMAEzgjACI4NCMAHjAjABI5IwAyODQxIwAdMSMAIjMwIwAyOTAwIwAeMiMAEzEjABM2RgAeMyMAEjIjACI0NyIA"
        + "HjQiABIzIgAyMTEyIwAeNSMAEzQjAB839AAGIjM1IwA/MjQ49AAFIjM2IwA/MzE59AAGEzcjAC85MvQABhM40QAvNjf0AAYDXQE/NTQ09QAFA1"
        + "wBHzCsAAUDWQEPnQEGBFYBD6YABgOZAQ+jAAUEUQEfNqEABQRPAR81lAEFBE0BHzaSAQUTN6MAHznkAAUDSQEvNjTlAAUEpAIfMeYABSMxMMcA"
        + "BKMCHjMjAARKAS8yMesABSMxMiMABK8BHjUjABQzMAEPgQIGFDFTAS85NtUBBgRVAQRWAR4xIwAUNngBHzb1AAYTNyMALzg59QAGEzidAS8yNP"
        + "UABhQ5wAEfMfUABSMyMMIBLzAwagQGEzEjAC80MWoEBgSrAi84NM0CBhMzMAME0wQeMiMAEzQjAC83NvUABSMyNVACBF4BHjQjABM2IwAuNzb1"
        + "AA9fBf////////////////////////////////////////////////////////////////////////////////8BUG9yZHMKAAAAACeg4o8=";

    /// <summary><c>gzip -nc small</c></summary>
    public const string GzipSmall =
        "H4sIAAAAAAAAA3WRMQrDMAxF957CB+jgb8tqfJxAMhTSBOKh9PZtkTQpGsP7mLyn7bmvKacxf0bK9zTvy+/rdZxreh/nMm7bn0M4hMPxIpyEF8"
        + "er8C68Ok76PsuA3KDJoDQZNDdgGVR9gd3gob/YI8dJBkyRZJfBhMgSmhE5R6KwkgWRKjQmiCJZVOvVI11Y0s7hUS2qVfXKYOvOobSGLVN4XWja"
        + "WiiU7nY/XEh/Abw54DqkAgAA";

    /// <summary><c>zstd -c small</c></summary>
    public const string ZstdSmall =
        "KLUv/WSkAY0FAJLGExagNW3PcGnt81z6f7mSSEraCdjY26kRV7T8bcbSFJ+x9RXmMdHu923VuiZ7NJUviIZ3vmNvab7bDqdIEAIZCTKgouIgCF"
        + "B0CsShIuMICAI6ILAzkjZcjBmOZ8MN0t+BGaNeJC1jDgPOZFmfYOfZ0TLxd6CMeTFwxoSXpPM1EeH+Mm1GpRmbAuOBTYFxYKbAOLBTYBwYnYLA"
        + "ODA0BQHjwE7BN7Ap8Q1sSnxiGMZlyZ9syqs=";

    /// <summary><c>zstd -c --fast=5 small</c></summary>
    public const string ZstdFast =
        "KLUv/WSkAWUKAHQObGluZSAwIHNheXMgMCwgYW5kIDAgbW9yZSB3b3JkcwpsaW5lIDEgc2F5cyAxLCBhbmQgMSBtb3JlIHdvcmRzCmxpbmUgMi"
        + "BzYXlzIDQsIGFuZCAyIG1vcmUgd29yZHMKbGluZSAzOTMgbW9yNDY0IG1vcjUyNSwgYW5kIDUgbTYzNiBtb3I3NDAgbW9yODY0LCBhbmQgMSBt"
        + "OTgyIG1vcjEwIHNheXMgMTAwMyBtb3IyNCBtb3IyNDUgbW9yMTMgc2F5cyAxNjk2IG1vcjkwIG1vcjExIG1vcjEyNTYxMjg5MzI0MzYxKyCwYl"
        + "DRA/jTgDED+NZ4SQbwr+Eiu96A0cq9HM2CBBbE5WgFma0gLFIbmOejjTMzMkGpiY6bfu1SGzDv0YQyIwyi7uSB4bxDWUjD9dGCzAiDsDthYJ1H"
        + "NmQkuzk6fjBzHE4Un2zKqw==";

    /// <summary><c>zstd -c -19 --no-check big</c></summary>
    public const string ZstdLarge =
        "KLUv/aBEQgEADQcAwoweFKCp2DmZ7SenVFWY0MqdUgJfP1qtP52tfrhn89Hl4yWL8S5p22vW0TM35o/rDzt6NWtZValFLaP3Su6Pt/zZmU9ZPr"
        + "4+eEeNVaSyjmf+FLKcobA8jq9j7lblIiq9eJ/7kgQsBooEQwiKxEFGBgiBBEYWDcFCRgiIgiFZqCFUW7f/G4AVFegYEkggDEDC1wREGL///x3i"
        + "PGKlFk5r8pg9F3iHnuf7Y/gcrpbv9Wb4HmV85d7eXg9rS6+3Wsm7ZtYZXkLt3EWbFsZulZpNyRj16IN9BWKHf2En7xcLA4Cq";

    /// <summary><c>zstd -c -12 words</c></summary>
    public const string ZstdWords =
        "KLUv/WTSFJUyAFZbRhiQp7ADg2tf1XbD7C/7h5mRCyPbbPmYmYVFAD4APQCjHAh1f+rKOUUgT9UalWEnLggVgsIygAqlthwKhIDaRsVuKADoYy"
        + "j8U+K9NBc71XWqbVSkBJhTCnXlQDio4YZCGyBC2Xv852CZ39dtsdMayTx4jISX6B9hTIqHSCHG8FJTuyLCuFPue2WjUoJ672X4p5awGVsOhIFD"
        + "XaPCRpWM5WDoCgSVHewRVT5DFH1xT3RiY6z4h3TibZTZyNio/dlO10mI0Sg7aV4jPv5DUmS+XycT77t5aGls/GEkmPFunQJWDqk3mBB9Pycq8l"
        + "B90dkqv6+dMOjv4xbRrOUQd0rUnN0KE8hJ6kC5q76KB4ncydQU9c/yu+4xecwcgr2o8oyppCT1mQ5SEAgFxNJolfV8IlBwlqwkS2hcmAPbMxEG"
        + "LwyrBhJT8ZktBtPVCheJIdA8npHeHwDP4aOrGIG9YySPgJGGnmgKUVPO55FJS0UEklEZflzHDlf3t25JbtAfSfIurs7Ifd6BMYX9AROIS2s2Ij"
        + "l3Mm+L+R51v0oiHoQkPWW0y51s4NYVcq+xI7zx9IcEBQ8ZzmiFsCDfRyIRx7kzpgJpRQfPJsJ1nF6SsDUQQIbUXQxXQAxd5JamaLba+oLlZ3gd"
        + "hvOkCLlAzfprttWNuvsdsHS2iboJelJqtMES4soKpeniiv4mNv8aGDoSbMJJvBsR1+usYQcrgBLEvdDhgKqfbtrKsRZTOEKmZP6etQiWYaOzOy"
        + "nYl2p4GrIPGfHybhY1nTUUkwu1DdtIDtpBCKQp6ryKtbE8Qim+yIrzrowZvw9fETW3/hDMV8yfYq4MdSMBq8L0J3bMoE/E1K40D8pZj9YVkzUe"
        + "7H962T5cjSHD9AKkTU3wobCFRXOMkUOC0/aizI0dLZh9W6QgZ0PPXKzpC1fS20LLFjKA2sHOTdcNIEQ68eUErw4tZDfFufzqb9/9DOvkxFdv/N"
        + "wL3lnO9wtDVsmAORH6NRRcKKvDrgxtAA+H77AJ6ViesIiIpHpda6HKMHTsPzvTC/EskjD7EPEwsdnYy7Qw9xUfhuarA/cFVdZBCOXK/+mktn2a"
        + "ka91DCBr/aPa6OcqWP7YCkRDnzI1kpWNJGVJukL/OXyLzp3ZwH2j4vY9lMo9qswfzTDN+essmDhPW5I42AMdX9z6bTxkYsXcLL9CpTuvhN/MLr"
        + "/oDKQSctzGRTF5yjqLoZMt6Ts9g6xub3K8pvS0mrJxkJ+UH9FaEAa+a7vH0kEHSMYjUtLrVcAoM1eYQk0TYjdxqESD24QElsZhk0rGjHkUyxdR"
        + "scJJJWR9+KA74zO0vChcWopcHUo95TPtMN7RH/UrbCJvAVXZ25bHVPsEoi5fCfA5Lz7rGcEwkPwoQ6oGmopt3T+5IVhCwB+hI8TPupFePwUkUZ"
        + "JBHzXy2v5P/Cl4B+yrutDavMNd2OeKYI44bAI533LMpYHaaWvH6Kl+Y1ZMTeDNmkBRsGMz74iuy17B9Zvelqe3kWvJCJVGKg0DjUjIJSRhJUcU"
        + "MV5ZbrhVe44bAKFWUWujvvJKiL1p45W4DIQApNPCcpH9t6XXrVTpSSE3aAezAS5b6yLlO6LrTpHpp/p4+yJIYkRApux5WtSAVSgqNugyW5I601"
        + "VBtAovuWshfSC3hxFiwQQ9XvDC3IBhmC7ZewazNfzUb469ube+JUL/8r/24jBuLsbGG2J3/EMMBNycoU+TF4A1fTVJ7mOCqfrUcoytraPZjJez"
        + "36MTIsrN+juOMl5xUAMkioRd5tbiaxEymxDaaPGAKD1OmkAslhyv5oxiz4XRsiFBCTUn1SqJQw0lWo9QlZukBlYn4e3rGr7eq4oIjKSdIuQH+8"
        + "A+oUedln82KGNBVUdMpZPF94gc7KP6NhudK2SiN94gQQl+W0m4SaTo91CHvJRquxvSUgzGayewC2cfAfUgZcDmJ9TK+IoBRp554/zBV4zAC6R2"
        + "zfBmsYrkC+W3mWwnJkJLlA176GPlwf54oMHVUqfQ6qpHK8YBIQNnZIGIUxvfM9PYIqcMSJnxEPc53eGmZL63+C4aKVZMa3yfT0UjKH/TGnQFYa"
        + "cXZt0TmyCFeTmIEmMwWqolpHkxq8eAi8a72GGOMGSNQqSxvh3gpq7HCRH9LF7qWttlpDKwZm1LhM+s0AbWcDqm";

    private static byte[] RandomWords(int count)
    {
        string[] words =
        [
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
            "omicron", "pi",
        ];
        int x = 12345;
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            x = unchecked((x * 1103515245) + 12345) & int.MaxValue;
            text.Append(i == 0 ? "" : " ").Append(words[(x >> 16) & 15]).Append((x >> 20) % 10);
        }
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static byte[] Lines(int lines, int times)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines * times; i++)
        {
            int line = i % lines;
            text.Append($"line {line} says {line * line % 977}, and {line % 7} more words\n");
        }
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
