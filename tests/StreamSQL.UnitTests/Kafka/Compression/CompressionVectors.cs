using System.Text;

namespace StreamSQL.UnitTests.Kafka.Compression;

/// <summary>Data compressed by the formats' own tools (lz4 1.9.4, zstd 1.5.4, gzip), and the text that it holds.</summary>
internal static class CompressionVectors
{
    /// <summary>20 lines.</summary>
    public static readonly byte[] Small = Lines(20, 1);

    /// <summary>40 lines, 60 times: more than one block of 64 KiB.</summary>
    public static readonly byte[] Large = Lines(40, 60);

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
