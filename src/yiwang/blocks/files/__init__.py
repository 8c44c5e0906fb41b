"""Files 文件交换: whole files that one agency delivers and others fetch, with receipts."""
